// SPDX-License-Identifier: Apache-2.0

/// One utterance of a recording, as a row.
package struct UtteranceRow: Equatable, Sendable {
    /// Number of the utterance in its recording, from 1.
    package let number: Int
    /// Start and end in seconds from the start of the recording.
    package let start, end: Double
    /// The label; nil if there is a `reason` against one.
    package let label: String?
    /// The word for why there is no label; nil if there is one.
    package let reason: String?
    /// Probability of each label in the model's order; empty without a label, so that averages stay right.
    package let probabilities: [Double]
    /// Speech heard in the utterance, in seconds.
    package let speechSeconds: Double
    /// Mean level of the sound between start and end, in decibels relative to full scale, -120...0.
    package let level: Double
    /// Earlier speech of the same voice that the utterance was compared with, in seconds.
    package let voiceSeconds: Double

    /// Probability of the label, 0...1; nil without a label.
    package var confidence: Double? { label == nil ? nil : probabilities.max() }

    /// Each parameter as its property says.
    package init(
        number: Int,
        start: Double,
        end: Double,
        label: String?,
        reason: String? = nil,
        probabilities: [Double] = [],
        speechSeconds: Double,
        level: Double,
        voiceSeconds: Double = 0
    ) {
        (self.number, self.start, self.end) = (number, start, end)
        (self.label, self.reason, self.probabilities) = (label, reason, probabilities)
        (self.speechSeconds, self.level, self.voiceSeconds) = (speechSeconds, level, voiceSeconds)
    }

    /// The label and its confidence, or the reason in brackets.
    var caption: String {
        guard let label, let confidence else { return "(\(reason ?? "no label"))" }
        return label + " " + decimal(confidence, 2)
    }
}

/// All utterances of one recording, or of one of its channels.
package struct UtteranceTable: Equatable, Sendable {
    /// The recording, as it was named.
    package let file: String
    /// The channel, from 1; nil for the mean of all channels.
    package let channel: Int?
    /// Length of the recording in seconds.
    package let duration: Double
    /// The utterances in order.
    package let rows: [UtteranceRow]

    /// Each parameter as its property says.
    package init(file: String, channel: Int? = nil, duration: Double, rows: [UtteranceRow]) {
        (self.file, self.channel, self.duration, self.rows) = (file, channel, duration, rows)
    }

    /// The file's name without folder and extension, with the channel: a name for files about it.
    package var stem: String {
        guard file != "-" else { return "stdin" }
        let name = file.split(separator: "/").last.map(String.init) ?? "recording"
        let bare = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        return (bare.isEmpty ? name : bare) + (channel.map { ".ch\($0)" } ?? "")
    }
}

/// A writer of utterances in one format.
package protocol UtteranceWriter: Sendable {
    /// The beginning of a file, before the first recording; empty for none.
    var header: String { get }
    /// The utterances of one recording.
    func text(_ table: UtteranceTable) -> String
}

/// `value` with a fixed number of digits after the point, rounded.
func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "0" }
    let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    let zeros = String(repeating: "0", count: max(0, digits - fraction.count))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return sign + "\(scaled / scale)" + (digits > 0 ? "." + zeros + fraction : "")
}
