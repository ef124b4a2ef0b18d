// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct FacialActivityTaskTests {
    /// Two speakers, ten clips each; the camera of the second sees everything ten times larger.
    private let training = (1...10).flatMap { [("near", Double($0) * 10), ("far", Double($0))] }

    @Test func personAndCameraDoNotDecide() {
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

    @Test func aNewSpeakerIsMeasuredByTheMedianOfAll() {
        let task = FacialActivityTask(training: training)
        #expect(task.label(11, speaker: "new") == true && task.label(9, speaker: "new") == false)
        // Seven clips are too few for a median of one's own.
        let few = training + (1...7).map { ("brief", Double($0) * 1000) }
        #expect(FacialActivityTask(training: few).label(1000, speaker: "brief") == true)
    }

    @Test(arguments: [Double.nan, .infinity, -1])
    func whatIsNoActivityHasNoLabel(value: Double) {
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

    private let examples: [Example]

    init() throws {
        let data = try #require(Fixtures.corpora)
        let corpus = try DataFolder(option: data.path).manifest(of: "ravdess")
        let faces = try FaceLibrary(corpus: corpus, tables: [data.appending(path: "ravdess_openface_au")])
        examples = corpus.clips.compactMap { clip in
            guard let speaker = clip.speaker, let face = faces[clip.path] else { return nil }
            return Example(clip: clip, speaker: speaker, face: face)
        }
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

    @Test func everyEmotionIsFoundOftenEnoughToLearn() {
        let counts = task(trainedOn: examples).counts
        #expect(counts.reduce(0, +) == 1439)
        #expect(
            counts.dropLast().allSatisfy { $0 >= 40 } && counts[UnitEmotionTask.none] < 1439 / 2,
            "\(counts)"
        )
    }

    @Test func labelsAgreeWithTheIntendedEmotionFarAboveChance() {
        let real = pairs(task(trainedOn: examples), examples)
        var generator = SplitMix64(seed: 3)
        let shuffled = zip(real, real.shuffled(using: &generator)).map { ($0.0, $1.1) }
        #expect(normalisedInformation(real) > 0.24)
        #expect(normalisedInformation(shuffled) < 0.03)
    }

    @Test func actorsWhomTrainingDidNotMeetAreLabelledToo() {
        let held = Set(["rav01", "rav02", "rav09", "rav16", "rav20"])
        let task = task(trainedOn: examples.filter { !held.contains($0.speaker) })
        let judged = pairs(task, examples.filter { held.contains($0.speaker) })
        #expect(
            judged.count == 300 && normalisedInformation(judged) > 0.12,
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
