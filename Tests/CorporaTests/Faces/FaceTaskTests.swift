// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct FacialActivityTaskTests {
    /// Two speakers, ten clips each; the second one's values are ten times larger, as if the camera were nearer.
    private let training = (1...10).flatMap { [("near", Double($0) * 10), ("far", Double($0))] }

    @Test func speakerAndCameraDoNotAffectTheLabel() {
        let task = FacialActivityTask(training: training)
        let highs = training.filter { task.label($0.1, speaker: $0.0) == true }
        #expect(highs.count { $0.0 == "near" } == 5 && highs.count { $0.0 == "far" } == 5)
        #expect(training.allSatisfy { task.label($0.1, speaker: $0.0) != nil })
    }

    @Test func theUndecidedShareIsTheMiddle() {
        let task = FacialActivityTask(training: training, undecided: 0.4)
        let labels = (1...10).map { task.label(Double($0), speaker: "far") }
        #expect(labels == [false, false, false, nil, nil, nil, nil, true, true, true])
    }

    @Test func aNewSpeakerUsesTheCommonMedian() {
        let task = FacialActivityTask(training: training)
        #expect(task.label(11, speaker: "new") == true && task.label(9, speaker: "new") == false)
        // Seven clips are too few for a speaker's own median.
        let few = training + (1...7).map { ("brief", Double($0) * 1000) }
        #expect(FacialActivityTask(training: few).label(1000, speaker: "brief") == true)
    }

    @Test(arguments: [Double.nan, .infinity, -1])
    func invalidActivityHasNoLabel(value: Double) {
        #expect(FacialActivityTask(training: training).label(value, speaker: "far") == nil)
        let with = FacialActivityTask(training: training + [("far", value)])
        #expect(with.label(6, speaker: "far") == true)
    }

    @Test func withoutTrainingNothingIsLabelled() {
        #expect(FacialActivityTask(training: []).label(1, speaker: "x") == nil)
    }
}

@Suite(.enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"))
struct RavdessFaceTaskTests {
    private struct Example {
        let clip: Clip
        let speaker: String
        let face: ClipFace
    }

    /// All clips in OpenFace's table, and the 360 of them that another tracker measured.
    private let examples: [Example]
    private let others: [Example]

    init() throws {
        let data = try #require(Fixtures.corpora)
        let corpus = try DataFolder(option: data.path).manifest(of: "ravdess")
        func examples(_ table: String) throws -> [Example] {
            let faces = try FaceLibrary(corpus: corpus, tables: [data.appending(path: table)])
            return corpus.clips.compactMap { clip in
                guard let speaker = clip.speaker, let face = faces[clip.path] else { return nil }
                return Example(clip: clip, speaker: speaker, face: face)
            }
        }
        (self.examples, others) = (try examples("ravdess_openface_au"), try examples("ravdess_au_summary"))
    }

    private func task(trainedOn chosen: [Example]) -> UnitEmotionTask {
        UnitEmotionTask(training: chosen.map { ($0.speaker, $0.face) })
    }

    /// Pairs of the task's label and the emotion that the actor was asked for.
    private func pairs(_ task: UnitEmotionTask, _ judged: [Example]) -> [(Int, Int)] {
        judged.compactMap { example in
            guard let emotion = example.clip.emotion else { return nil }
            return task.label(example.face, speaker: example.speaker).map { ($0, emotion.rawValue) }
        }
    }

    /// Labels of both trackers for the clips that both measured.
    private func shared<Label>(_ first: (Example) -> Label?, _ second: (Example) -> Label?) -> [(
        Label, Label
    )] {
        let seen = Dictionary(uniqueKeysWithValues: examples.map { ($0.clip.path, $0) })
        return others.compactMap { other in
            guard let one = seen[other.clip.path].flatMap(first), let two = second(other) else { return nil }
            return (one, two)
        }
    }

    private func activityTask(_ chosen: [Example], undecided: Double) -> (Example) -> Bool? {
        func activity(_ example: Example) -> Double { example.face.activity() ?? .nan }
        let task = FacialActivityTask(
            training: chosen.map { ($0.speaker, activity($0)) },
            undecided: undecided
        )
        return { task.label(activity($0), speaker: $0.speaker) }
    }

    /// The documentation contains these counts.
    @Test func everyEmotionIsFoundOftenEnoughToLearn() {
        #expect(task(trainedOn: examples).counts == [226, 108, 84, 53, 121, 146, 701])
    }

    @Test func twoTrackersMostlyNameTheSameEmotion() {
        let (one, two) = (task(trainedOn: examples), task(trainedOn: others))
        let pairs = shared(
            { one.label($0.face, speaker: $0.speaker) },
            { two.label($0.face, speaker: $0.speaker) }
        )
        #expect(pairs.count == 360)
        #expect(pairs.count { $0.0 == $0.1 } > 180)
        // Two labels as frequent as these agree by chance for a quarter of the clips.
        var generator = SplitMix64(seed: 3)
        let chance = zip(pairs, pairs.shuffled(using: &generator)).count { $0.0.0 == $0.1.1 }
        #expect(chance < 120)
    }

    @Test(arguments: [(0.0, 0.66), (1.0 / 3, 0.83)])
    func twoTrackersAgreeOnActivityTheMoreTheLessIsDecided(undecided: Double, share: Double) {
        let pairs = shared(
            activityTask(examples, undecided: undecided),
            activityTask(others, undecided: undecided)
        )
        #expect(pairs.count > 150)
        #expect(Double(pairs.count { $0.0 == $0.1 }) > share * Double(pairs.count))
    }

    @Test func labelsAgreeWithTheIntendedEmotionBeyondChance() {
        let real = pairs(task(trainedOn: examples), examples)
        var generator = SplitMix64(seed: 3)
        let shuffled = zip(real, real.shuffled(using: &generator)).map { ($0.0, $1.1) }
        #expect(normalisedInformation(real) > 0.26)
        #expect(normalisedInformation(shuffled) < 0.03)
    }

    @Test func actorsOutsideTrainingAreLabelledToo() {
        let held = Set(["rav01", "rav02", "rav09", "rav16", "rav20"])
        let task = task(trainedOn: examples.filter { !held.contains($0.speaker) })
        let judged = pairs(task, examples.filter { held.contains($0.speaker) })
        #expect(
            judged.count == 300 && normalisedInformation(judged) > 0.15,
            "\(normalisedInformation(judged))"
        )
    }

    @Test func theLabelsOfTrainingActorsDoNotDependOnHeldOutOnes() {
        let (some, rest) = (
            examples.filter { $0.speaker < "rav13" }, examples.filter { $0.speaker >= "rav13" }
        )
        let first = FacialActivityTask(training: some.map { ($0.speaker, $0.face.activity() ?? .nan) })
        let highs = some.count { first.label($0.face.activity() ?? .nan, speaker: $0.speaker) == true }
        #expect(abs(Double(highs) / Double(some.count) - 0.5) < 0.01)
        #expect(rest.allSatisfy { first.label($0.face.activity() ?? .nan, speaker: $0.speaker) != nil })
    }
}

/// Mutual information over the geometric mean of the entropies, 0...1.
private func normalisedInformation(_ pairs: [(Int, Int)]) -> Double {
    func entropy(_ keys: [Int]) -> Double {
        let counts = Dictionary(grouping: keys) { $0 }.values.map { Double($0.count) / Double(keys.count) }
        return -counts.reduce(0) { $0 + $1 * log($1) }
    }
    let (labels, truths) = (entropy(pairs.map(\.0)), entropy(pairs.map(\.1)))
    let joint = entropy(pairs.map { $0.0 * 1000 + $0.1 })
    return (labels + truths - joint) / (labels * truths).squareRoot()
}
