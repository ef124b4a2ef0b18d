// SPDX-License-Identifier: Apache-2.0
import Corpora

/// The report of `prepare` on a corpus.
public struct CorpusSummary: Codable, Hashable, Sendable {
    /// The corpus.
    public let corpus: String
    /// The clips that teach emotions.
    public let clips: Int
    /// Their length together, in hours, as the manifest states it.
    public let hours: Double
    /// The speakers.
    public let speakers: Int
    /// Clips of each class.
    public let classes: [String: Int]
    /// Clips of each stated sex.
    public let sexes: [String: Int]
    /// The share of clean frames that are marked as speech.
    public let speechShare: Double
    /// Clips in which no frame is marked as speech, by path.
    public let withoutSpeech: [String]
    /// Clips that are over-driven, by path.
    public let clipped: [String]
    /// Clips that are nearly silent, by path.
    public let silent: [String]
    /// Clips that sound exactly like an earlier one, by path.
    public let duplicates: [String]
    /// Clips of less than 0.2 s, by path.
    public let short: [String]
    /// Clips that sound exactly like one with another label, each with both labels.
    public let contradictory: [String]
    /// Speakers, where there are several and each has clips of one class only; else 0.
    public let speakersOfOneClass: Int

    /// Clips whose length is not the manifest's, with both; nothing is learned from the manifest's.
    public let otherLengths: [String]
    /// Clips of each split that the manifest states; folds do not look at it.
    public let splits: [String: Int]
    /// Damaged clips that were left out, each with its line and what is wrong.
    public let skipped: [String]

    init(set: ClipSet, health: ClipHealth, faults: CorpusFaults, skipped: [DamagedClip]) {
        let corpus = faults.corpus
        (short, contradictory) = (faults.short, faults.contradictory)
        speakersOfOneClass = faults.speakersOfOneClass
        (clipped, silent, duplicates) = (health.clipped, health.silent, health.duplicates)
        otherLengths = health.otherLengths
        splits = count(set.clips.compactMap { $0.split?.rawValue })
        self.skipped = skipped.filter { $0.name.hasPrefix(corpus + "/") }.map(\.description)
        self.corpus = corpus
        clips = set.clips.count
        hours = set.clips.reduce(0) { $0 + $1.durationSeconds } / 3600
        speakers = Set(set.clips.compactMap(\.speaker)).count
        classes = count(set.clips.compactMap { $0.emotion?.name })
        sexes = count(set.clips.compactMap { $0.sex?.rawValue })
        let speech = set.clips.indices.map { set.tables[0].marks(ofClip: $0).isSpeech }
        let frames = speech.reduce(0) { $0 + $1.count }
        speechShare = Double(speech.reduce(0) { $0 + $1.count { $0 } }) / Double(max(1, frames))
        withoutSpeech = set.clips.indices.filter { !speech[$0].contains(true) }.map { set.clips[$0].path }
    }
}

private func count(_ words: [String]) -> [String: Int] { words.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
