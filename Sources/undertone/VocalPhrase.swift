// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import PlainText
import ServiceRuntime

/// A vocal sound as a line for people: `00:03.1–00:04.2  laughing 0.93`.
struct VocalPhrase {
    private let start: Double
    private let end: Double
    private let kind: String
    private let confidence: Double

    init(_ sound: VocalSound) {
        (start, end) = (Plain.seconds(sound.startSample), Plain.seconds(sound.endSample))
        (kind, confidence) = ("\(sound.kind.word)", Double(sound.probability))
    }

    /// Nil if the message does not describe a vocal sound.
    init?(_ message: ServerMessage) {
        let span = (message["span"]?.array ?? []).compactMap(\.number)
        guard span.count == 2, let kind = message["kind"]?.string, let confidence = message["conf"]?.number
        else { return nil }
        (start, end, self.kind, self.confidence) = (span[0], span[1], plainText(kind), confidence)
    }

    var line: String {
        "\(Plain.time(start))–\(Plain.time(end))  \(kind) \(Plain.number(confidence, 2))"
    }
}
