// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import PlainText
import ServiceRuntime

/// An estimate as text, made in this process or received over the socket.
struct EstimatePhrase {
    let isFinal: Bool
    let isSpeech: Bool
    private let place: (start: Double, end: Double)
    private let verdict: (label: String, confidence: Double)?
    private let reason: String
    private let heardSeconds: Double
    private let attributes: [(name: String, value: Double)]

    init(_ estimate: Estimate, labels: [String], attributes names: [String]) {
        isFinal = estimate.isFinal
        isSpeech = estimate.utterance != nil
        place = (Plain.seconds(estimate.startSample), Plain.seconds(estimate.endSample))
        verdict = estimate.verdict.label.map { (plainText(labels[$0]), Double(estimate.confidence)) }
        reason = if case .none(let reason) = estimate.verdict { "\(reason.word)" } else { "" }
        heardSeconds = Double(estimate.heardMilliseconds) / 1_000
        attributes = names.enumerated().map { (plainText($1), Double(estimate.attributes[$0])) }
    }

    /// The phrase for an `estimate` message; nil if a required field is missing.
    init?(_ message: ServerMessage) {
        guard let span = message["span"]?.array?.compactMap(\.number), span.count == 2 else { return nil }
        isFinal = message["final"]?.bool ?? false
        isSpeech = message["utt"]?.number != nil
        place = (span[0], span[1])
        verdict = message["label"]?.string.map { (plainText($0), message["conf"]?.number ?? 0) }
        reason = plainText(message["why"]?.string ?? "unknown")
        heardSeconds = (message["heard_ms"]?.number ?? 0) / 1_000
        attributes = (message["dims"]?.object ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
            value.number.map { (plainText(name), $0) }
        }
    }

    /// `00:01.2–00:03.4  angry 0.81  arousal 0.64  (2.1 s)`: span, label, confidence, the attributes of a model that
    /// has them, duration of the speech analysed.
    func line(emphasised: Bool = false) -> String {
        Plain.time(place.start) + "–" + Plain.time(place.end) + "  " + words(emphasised) + "  " + heard
    }

    /// The line that is shown until the next estimate, during speech and without speech.
    var liveLine: String {
        Plain.time(place.end) + (isSpeech ? "  … " + words(false) + "  " + heard : "  …")
    }

    private func words(_ emphasised: Bool) -> String {
        ([label(emphasised)] + attributes.map { $0.name + " " + Plain.number($0.value, 2) }).joined(
            separator: "  "
        )
    }

    private func label(_ emphasised: Bool) -> String {
        guard let verdict else { return "no label: " + reason }
        let name = emphasised ? "\u{1B}[1m" + verdict.label + "\u{1B}[0m" : verdict.label
        return name + " " + Plain.number(verdict.confidence, 2)
    }

    private var heard: String { "(" + Plain.number(heardSeconds, 1) + " s)" }
}
