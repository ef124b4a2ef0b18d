// SPDX-License-Identifier: Apache-2.0

/// Behaviour of a model in streams of real sound, apart from how often it is right.
///
/// Each figure has its counts beside it. A part is absent where the corpora for it are.
public struct BehaviourReport: Codable, Sendable {
    /// A number of things among others of their kind.
    public struct Share: Codable, Sendable, Equatable {
        /// Number of them.
        public var count: Int
        /// Among how many.
        public var of: Int

        /// The share, 0...1; not a number among none.
        public var value: Double { Double(count) / Double(of) }

        init(count: Int = 0, of: Int = 0) { (self.count, self.of) = (count, of) }

        mutating func add(_ isMember: Bool) {
            count += isMember ? 1 : 0
            of += 1
        }
    }

    /// Music that is taken for speech.
    public struct Music: Codable, Sendable {
        /// Factor on the samples of the recordings.
        public let gain: Double
        /// Utterances that got a label.
        public let labelledUtterances: Int
        /// Utterances, with a label or without.
        public let utterances: Int
        /// Hours of music.
        public let hours: Double

        /// Utterances with a label an hour.
        public var labelledPerHour: Double { Double(labelledUtterances) / hours }
    }

    /// Angry clips after calm ones of the same speaker, in one turn.
    public struct MoodChange: Codable, Sendable {
        /// Trials, one a speaker.
        public let trials: Int
        /// Time from the onset of the first angry clip until *angry* was named, in seconds, by speaker; a speaker whose
        /// anger was never named is absent.
        public let delaySeconds: [String: Double]

        /// Trials in which it was named at all.
        public var named: Int { delaySeconds.count }
        /// Median delay, in seconds, of the trials in which it was named.
        public var medianDelaySeconds: Double? { median(Array(delaySeconds.values)) }
    }

    /// Label changes of interim estimates within utterances.
    public struct LabelChanges: Codable, Sendable {
        /// Changes from one label to another.
        public let changes: Int
        /// Speech, in minutes.
        public let minutes: Double

        /// Changes a minute of speech.
        public var perMinute: Double { Double(changes) / minutes }
    }

    /// The model's name.
    public let model: String
    /// SHA-256 of its weights.
    public let sha256: String
    /// Music at several levels.
    public var music: [Music] = []
    /// Vocal noises that got a label, by kind.
    public var vocalNoises: [String: Share] = [:]
    /// Recordings without a voice that got a label, by corpus.
    public var nonSpeech: [String: Share] = [:]
    /// Clips of children of at most ten years, by the label that they got; `none` for no label.
    public var children: [String: Share] = [:]
    /// Angry after calm.
    public var moodChange: MoodChange?
    /// Changes of interim labels over the same speakers.
    public var labelChanges: LabelChanges?

    init(model: String, sha256: String) { (self.model, self.sha256) = (model, sha256) }
}

/// The value in the middle, or the mean of the two there; `nil` of none.
func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

extension BehaviourReport {
    /// The report as a Markdown table.
    public var markdown: String {
        let rows = musicRows + noiseRows + childrenRows + moodRows
        let lines = rows.map { "| \($0.0) | \($0.1) | \($0.2) |" }
        return (["| \(model), in streams | | counts |", "|---|---|---|"] + lines).joined(separator: "\n")
            + "\n"
    }

    private typealias Row = (String, String, String)

    private var musicRows: [Row] {
        music.map {
            (
                "music, level × \($0.gain): labelled utterances an hour", figure($0.labelledPerHour),
                "\($0.labelledUtterances) of \($0.utterances) utterances in \(figure($0.hours)) h"
            )
        }
    }

    private var noiseRows: [Row] {
        let all = vocalNoises.values.reduce(into: Share()) { sum, share in
            sum = Share(count: sum.count + share.count, of: sum.of + share.of)
        }
        let vocal = vocalNoises.keys.sorted().map { ("— \($0)", vocalNoises[$0] ?? Share()) }
        let others = nonSpeech.keys.sorted().map { ("\($0): labelled", nonSpeech[$0] ?? Share()) }
        return ((all.of > 0 ? [("vocal noises: labelled", all)] : []) + vocal + others).map(row)
    }

    private var childrenRows: [Row] {
        children.keys.sorted().map { row("children up to 10 years: \($0)", children[$0] ?? Share()) }
    }

    private var moodRows: [Row] {
        var rows: [Row] = []
        if let moodChange {
            rows.append(
                row("angry after calm: named", Share(count: moodChange.named, of: moodChange.trials))
            )
            let delay = moodChange.medianDelaySeconds.map(figure) ?? "–"
            rows.append(("— median delay, s", delay, "\(moodChange.named)"))
        }
        if let labelChanges {
            rows.append(
                (
                    "interim label changes a minute of speech", figure(labelChanges.perMinute),
                    "\(labelChanges.changes) in \(figure(labelChanges.minutes)) min"
                )
            )
        }
        return rows
    }

    private func row(_ name: String, _ share: Share) -> Row {
        (name, figure(share.value), "\(share.count) of \(share.of)")
    }
}
