// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import EmotionStream
import Foundation
import SpeechFeatures

/// Measures a model's behaviour in streams: on music, noises and children, and when a mood changes.
///
/// Each recording goes through the pipeline of the daemon. A corpus that the folder lacks is left out of the report.
public struct BehaviourTest: Sendable {
    private let model: StreamModel
    private let data: DataFolder
    private let speakers: Set<String>?

    /// Factors on the samples of music.
    private static let gains: [Double] = [1, 0.1, 0.01]
    /// The fold of ESC-50, and so of ESC-10, that no training hears.
    private static let unheardFold = "5"
    private static let oldestChild = 10

    /// A test of `model` on the corpora in `data`.
    ///
    /// - Parameter speakers: the RAVDESS speakers whose mood changes; `nil` for all of them.
    public init(_ model: StreamModel, data: DataFolder, speakers: Set<String>? = nil) {
        (self.model, self.data, self.speakers) = (model, data, speakers)
    }

    /// Runs all parts; `progress` gets the name of each when it begins.
    public func run(_ progress: (String) -> Void) async throws -> BehaviourReport {
        var report = BehaviourReport(model: model.id, sha256: model.sha256)
        progress("music")
        let music = try clips("music_household_free").filter { $0.word == "music" }
        for gain in Self.gains where !music.isEmpty {
            report.music.append(try await self.music(music, gain: gain))
        }
        progress("vocal noises")
        report.vocalNoises = try await labelled(clips("deeply_nonverbal")) { $0.word ?? "unnamed" }
        progress("noises without a voice")
        report.nonSpeech = try await labelled(unheardNoises()) { $0.corpus }
        progress("children")
        report.children = try await labels(of: children())
        progress("changes of mood")
        let acted = try actedClips()
        report.moodChange = try await moodChange(acted)
        progress("changes of the label")
        report.labelChanges = try await labelChanges(acted)
        return report
    }

    private func clips(_ corpus: String) throws -> [Clip] {
        let manifest = data.url.appending(path: corpus + "/manifest.csv").path
        guard FileManager.default.fileExists(atPath: manifest) else { return [] }
        return try data.manifest(of: corpus).clips
    }

    /// The clips of the chosen speakers.
    private func actedClips() throws -> [Clip] {
        let all = try clips("ravdess")
        guard let speakers, !all.isEmpty else { return all }
        let known = Set(all.compactMap(\.speaker))
        if let unknown = speakers.subtracting(known).min() {
            let problem = "ravdess has no speaker '\(unknown)'; its manifest lists \(known.min() ?? "none")"
            throw RecipeError.data(problem: "\(problem) to \(known.max() ?? "none")")
        }
        return all.filter { speakers.contains($0.speaker ?? "") }
    }

    private func unheardNoises() throws -> [Clip] {
        // Both are parts of ESC-50, whose file names begin with the fold: 5-203128-A.
        let parts = try (clips("esc10") + clips("esc50_other40")).filter {
            $0.file.lastPathComponent.hasPrefix(Self.unheardFold + "-")
        }
        return try parts + clips("sounds_free")
    }

    private func children() throws -> [Clip] {
        let all = try clips("speechocean762")
        guard let first = all.first else { return [] }
        let table = try CSVTable(file: URL(filePath: first.manifest))
        let young = table.rows.filter { row in
            table.value("age", in: row).flatMap { Int($0) } ?? .max <= Self.oldestChild
        }
        let paths = Set(young.compactMap { table.value("path", in: $0) })
        return all.filter { paths.contains($0.path) }
    }
}

extension BehaviourTest {
    private func music(_ clips: [Clip], gain: Double) async throws -> BehaviourReport.Music {
        let runs = try await runs(of: clips, gain: Float(gain))
        return BehaviourReport.Music(
            gain: gain,
            labelledUtterances: runs.reduce(0) { $0 + $1.labelledUtterances },
            utterances: runs.reduce(0) { $0 + $1.utterances },
            hours: runs.reduce(0) { $0 + $1.seconds } / 3_600
        )
    }

    /// Clips with a label, by group.
    private func labelled(
        _ clips: [Clip],
        by group: (Clip) -> String
    ) async throws -> [String: BehaviourReport.Share] {
        var shares: [String: BehaviourReport.Share] = [:]
        for (clip, run) in zip(clips, try await runs(of: clips)) {
            shares[group(clip), default: .init()].add(run.label != nil)
        }
        return shares
    }

    private func labels(of clips: [Clip]) async throws -> [String: BehaviourReport.Share] {
        guard !clips.isEmpty else { return [:] }
        var counts: [String: Int] = ["none": 0]
        for label in model.labels { counts[label] = 0 }
        for run in try await runs(of: clips) { counts[run.label ?? "none", default: 0] += 1 }
        return counts.mapValues { BehaviourReport.Share(count: $0, of: clips.count) }
    }

    private func labelChanges(_ clips: [Clip]) async throws -> BehaviourReport.LabelChanges? {
        guard !clips.isEmpty else { return nil }
        let runs = try await runs(of: clips)
        return BehaviourReport.LabelChanges(
            changes: runs.reduce(0) { $0 + $1.labelChanges },
            minutes: runs.reduce(0) { $0 + $1.heardSeconds } / 60
        )
    }

    private func moodChange(_ clips: [Clip]) async throws -> BehaviourReport.MoodChange? {
        let trials = MoodTrial.trials(of: clips)
        guard !trials.isEmpty, model.labels.contains(MoodTrial.label) else { return nil }
        let model = model
        let delays = try await concurrently(trials) { try $0.delaySeconds(model) }
        let named = zip(trials, delays).compactMap { trial, delay in delay.map { (trial.speaker, $0) } }
        return BehaviourReport.MoodChange(
            trials: trials.count,
            delaySeconds: Dictionary(named) { first, _ in first }
        )
    }

    private func runs(of clips: [Clip], gain: Float = 1) async throws -> [StreamRun] {
        let model = model
        return try await concurrently(clips) { clip in
            let rate = model.features.featureSet.spectrum.sampleRate
            let samples = try ClipAudio.samples(of: clip, sampleRate: rate)
            return StreamRun(gain == 1 ? samples : samples.map { $0 * gain }, model)
        }
    }
}

/// The results of `work` for each item, in their order, on all processors.
private func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item],
    _ work: @escaping @Sendable (Item) throws -> Result
) async throws -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(items.count)
    for start in stride(from: 0, to: items.count, by: 32) {
        let group = Array(items[start..<min(start + 32, items.count)])
        results += try await withThrowingTaskGroup(of: (Int, Result).self) { tasks in
            for (index, item) in group.enumerated() { tasks.addTask { (index, try work(item)) } }
            return try await tasks.reduce(into: [(Int, Result)]()) { $0.append($1) }
        }.sorted { $0.0 < $1.0 }.map(\.1)
    }
    return results
}
