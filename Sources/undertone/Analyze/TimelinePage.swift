// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Foundation
import PlainText

/// One self-contained HTML page about one or many recordings.
///
/// Samples and probabilities are bytes in Base64, of which the page decodes a recording when it comes into view and draws
/// only what is visible. An hour takes about 0.4 MB.
package struct TimelinePage {
    /// The beginning of each page, by which one is recognised.
    package static let mark = "<!doctype html>\n<!-- undertone analyze -->\n"

    private let labels: [String]
    private var recordings: [String] = []

    /// An empty page for a model with these labels.
    package init(labels: [String]) { self.labels = labels }

    /// Adds a recording.
    package mutating func add(_ table: UtteranceTable, _ timeline: Timeline) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("name", plainText(table.file))
        writer.field("audio", Self.audioAddress(table.file))
        if let channel = table.channel { writer.field("channel", channel) }
        writer.field("duration", table.duration, decimals: 3)
        writer.field("rate", Timeline.blocksPerSecond)
        writer.field("peaks", Data(timeline.peaks).base64EncodedString())
        writer.field("times", Self.littleEndian(timeline.times).base64EncodedString())
        writer.field("p", Data(timeline.probabilities).base64EncodedString())
        writer.beginArray("speech")
        for edge in timeline.speechEdges { writer.element(Double(edge), decimals: 0) }
        writer.endArray()
        writer.beginArray("utterances")
        for row in table.rows { writer.element(json: json(row)) }
        writer.endArray()
        writer.endObject()
        recordings.append(writer.text)
    }

    /// The whole page.
    package var html: String {
        var names = JSONWriter()
        names.beginObject()
        names.beginArray("labels")
        for label in labels { names.element(plainText(label)) }
        names.endArray()
        names.beginArray("recordings")
        for recording in recordings { names.element(json: recording) }
        names.endArray()
        names.endObject()
        // A name must not end the element that holds it.
        let data = names.text.replacing("<", with: "\\u003c")
        return Self.mark + TimelineStyle.head + "<script type=\"application/json\" id=\"data\">" + data
            + "</script>\n"
            + "<script>" + TimelineScript.text + "</script>\n</body>\n</html>\n"
    }

    private func json(_ row: UtteranceRow) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("n", row.number)
        writer.field("start", row.start, decimals: 3)
        writer.field("end", row.end, decimals: 3)
        if let label = row.label.flatMap({ labels.firstIndex(of: $0) }) {
            writer.field("label", label)
        } else {
            writer.field("why", row.reason ?? "")
        }
        writer.field("speech", row.speechSeconds, decimals: 2)
        writer.field("level", row.level, decimals: 1)
        writer.field("voice", row.voiceSeconds, decimals: 1)
        writer.beginArray("p")
        for probability in row.probabilities { writer.element(probability, decimals: 3) }
        writer.endArray()
        writer.endObject()
        return writer.text
    }

    /// The name of a recording next to the page, as an address; empty for standard input.
    static func audioAddress(_ file: String) -> String {
        guard file != "-", let name = file.split(separator: "/").last else { return "" }
        let digits = Array("0123456789ABCDEF")
        return PathText.bytes(String(name)).map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain =
                character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isPlain
                ? String(character) : "%" + String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }.joined()
    }

    private static func littleEndian(_ values: [UInt32]) -> Data {
        Data(values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } })
    }
}

/// Colours for labels, in the model's order; the same in pages and drawings.
enum LabelColors {
    static let all = [
        "#8a9099", "#e0a100", "#3b78d8", "#d23c3c", "#8c5bd0", "#4c9a48", "#e0679c", "#009fa8",
        "#a0603a", "#6c7a00", "#5d6bb0", "#b04a8a", "#2f8f6f", "#c77a2a", "#6f5a4a", "#7f9fbf",
    ]
}
