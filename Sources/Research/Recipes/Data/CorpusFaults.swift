// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Synchronization

/// Faults that make clips of a corpus useless for training, found in the clean feature table.
struct CorpusFaults: Sendable {
    /// The corpus.
    let corpus: String
    /// Paths of clips whose level is below -60 dB of full scale.
    private(set) var silent: [String] = []
    /// Paths of clips of less than 0.2 s.
    private(set) var short: [String] = []
    /// Clips whose sound is that of another clip with another label, each with both labels.
    private(set) var contradictory: [String] = []
    /// Speakers, where there are several and each has clips of one class only; else 0.
    private(set) var speakersOfOneClass = 0
    /// Clips without any of these faults.
    private(set) var usable: [Clip] = []
    private let clipCount: Int
    /// Checksums of the sounds of `usable`, in its order.
    private var sounds: [UInt64] = []

    private static let silentMeanSquare: Float = 1e-6
    private static let shortestSeconds = 0.2

    init(_ corpus: String, _ set: ClipSet, framesPerSecond: Double) {
        self.corpus = corpus
        clipCount = set.clips.count
        let sounds = set.clips.indices.map { set.tables[0].checksum(ofClip: $0) }
        let labels = Self.labels(of: set, sounds)
        for (index, clip) in set.clips.enumerated() {
            let energy = set.tables[0].marks(ofClip: index).energy
            let others = labels[index].subtracting([clip.emotion].compactMap { $0 })
            if Double(energy.count) < Self.shortestSeconds * framesPerSecond {
                short.append(clip.path)
            } else if energy.reduce(0, { $0 + exp($1) }) < Self.silentMeanSquare * Float(energy.count) {
                silent.append(clip.path)
            } else if let label = clip.emotion, let other = others.min(by: { $0.rawValue < $1.rawValue }) {
                contradictory.append("\(clip.path): \(label.name) and \(other.name)")
            } else {
                usable.append(clip)
                self.sounds.append(sounds[index])
            }
        }
        countSpeakers()
    }

    /// Sentences about clips that sound exactly like a clip of another corpus with another label, one for each pair of
    /// corpora; empty if there is none.
    static func contradictions(between faults: [CorpusFaults]) -> [String] {
        var sentences: [String] = []
        for (index, later) in faults.enumerated() {
            for earlier in faults[..<index] where earlier.corpus != later.corpus {
                if let sentence = later.contradiction(with: earlier) { sentences.append(sentence) }
            }
        }
        return sentences
    }

    private func contradiction(with other: CorpusFaults) -> String? {
        var clips: [UInt64: Clip] = [:]
        for (sound, clip) in zip(other.sounds, other.usable) where clip.emotion != nil { clips[sound] = clip }
        let pairs = zip(sounds, usable).compactMap { sound, clip -> String? in
            guard let label = clip.emotion, let twin = clips[sound], let twinLabel = twin.emotion,
                twinLabel != label
            else { return nil }
            return "\(clip.name): \(label.name), \(twin.name): \(twinLabel.name)"
        }
        if pairs.isEmpty { return nil }
        return
            "\(corpus) and \(other.corpus): \(pairs.count) clips of \(corpus) sound exactly like a clip of "
            + "\(other.corpus) with another label (\(pairs.prefix(2).joined(separator: "; "))"
            + "\(pairs.count > 2 ? " ..." : "")); correct one of the labels, or leave one of the clips out"
    }

    /// The labels of all clips that sound like each clip.
    private static func labels(of set: ClipSet, _ sounds: [UInt64]) -> [Set<Emotion>] {
        var labels: [UInt64: Set<Emotion>] = [:]
        for (sound, clip) in zip(sounds, set.clips) {
            if let emotion = clip.emotion { labels[sound, default: []].insert(emotion) }
        }
        return sounds.map { labels[$0] ?? [] }
    }

    private mutating func countSpeakers() {
        var classes: [String: Set<Emotion>] = [:]
        for clip in usable {
            guard let speaker = clip.speaker, let emotion = clip.emotion else { continue }
            classes[speaker, default: []].insert(emotion)
        }
        let all = classes.values.reduce(into: Set<Emotion>()) { $0.formUnion($1) }
        if classes.count > 1, all.count > 1, classes.values.allSatisfy({ $0.count == 1 }) {
            speakersOfOneClass = classes.count
        }
    }

    /// A sentence for each fault that there is, with numbers.
    var sentences: [String] {
        let faults = [
            (silent, "are silent"), (short, "are shorter than \(Self.shortestSeconds) s"),
            (contradictory, "sound exactly like a clip with another label"),
        ]
        var sentences = faults.filter { !$0.0.isEmpty }.map { names, what in
            "\(corpus): \(names.count) of \(clipCount) clips \(what) (\(names.prefix(2).joined(separator: ", "))"
                + "\(names.count > 2 ? " ..." : "")); they teach nothing of use"
        }
        if speakersOfOneClass > 0 {
            sentences.append(
                "\(corpus): each of its \(speakersOfOneClass) speakers has clips of one class only, so that the voice tells "
                    + "the class; add clips of other classes for each speaker"
            )
        }
        return sentences
    }

    /// Number of clips by fault.
    private var counts: String {
        "of \(clipCount) clips of \(corpus), \(silent.count) are silent, \(short.count) shorter than "
            + "\(Self.shortestSeconds) s, \(contradictory.count) the sound of a clip with another label"
    }

    /// Refuses corpora of which no clip can be used or, where classes are taught, whose clips are of fewer than two.
    static func check(_ faults: [CorpusFaults], teaches classes: Bool, _ what: String) throws(RecipeError) {
        let usable = faults.flatMap(\.usable)
        let counts = faults.map(\.counts).joined(separator: "; ")
        if usable.isEmpty, faults.contains(where: { $0.clipCount > 0 }) {
            throw .data(problem: "\(what) has no clip to learn from: \(counts)")
        }
        let labels = ClassMask(of: usable).labels
        guard classes, !usable.isEmpty, labels.count < 2 else { return }
        let names = labels.map { "'\(Emotion.names[$0])'" }.first ?? "no class"
        throw .data(
            problem:
                "\(what): all \(usable.count) clips that can be used are of \(names), and a model needs two classes; add "
                + "clips of another class (\(counts))"
        )
    }
}

/// The faults of the corpora that a run has looked at, so that each is looked at and told once.
final class CheckedCorpora: Sendable {
    private let faults = Mutex<[String: CorpusFaults]>([:])
    private let shown = Mutex<Set<String>>([])

    /// Gives `tell` a notice of each contradiction between corpora of one training, once.
    func tellContradictions(between faults: [CorpusFaults], _ tell: (RunEvent) -> Void) {
        for sentence in CorpusFaults.contradictions(between: faults)
        where shown.withLock({ $0.insert(sentence).inserted }) {
            tell(.notice(sentence: sentence))
        }
    }

    /// The faults of `set`; `tell` gets a notice of each when they are new.
    func faults(
        of corpus: String,
        _ set: ClipSet,
        framesPerSecond: Double,
        _ tell: (RunEvent) -> Void
    ) -> CorpusFaults {
        let key = "\(corpus) \(set.clips.count)"
        if let known = faults.withLock({ $0[key] }) { return known }
        let found = CorpusFaults(corpus, set, framesPerSecond: framesPerSecond)
        faults.withLock { $0[key] = found }
        for sentence in found.sentences { tell(.notice(sentence: sentence)) }
        return found
    }
}
