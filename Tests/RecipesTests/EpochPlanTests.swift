// SPDX-License-Identifier: Apache-2.0
import Recipes
import Testing

struct EpochPlanTests {
    private func members(_ count: Int, set: Int, copies: Int = 3) -> [ClipMember] {
        (0..<count).map { clip in
            let frames = 200 + (clip * 37) % 100
            return ClipMember(
                set: set,
                clip: clip,
                frameCount: frames,
                speech: 90..<frames - 60,
                copyCount: copies
            )
        }
    }

    private func plan(
        seed: UInt64 = 1,
        epoch: Int = 0,
        cleanShare: Double = 0.5,
        wholeShare: Double = 0.3,
        noises: Int = 0
    ) -> EpochPlan {
        EpochPlan(
            members: members(100, set: 0),
            companions: [members(80, set: 1), members(300, set: 2)],
            noises: members(noises, set: 3, copies: 0),
            stage: stage(wholeShare: wholeShare),
            cleanShare: cleanShare,
            seed: seed,
            epoch: epoch
        )
    }

    private func stage(wholeShare: Double) -> Recipe.Stage {
        Recipe.Stage(
            name: "stage",
            corpora: ["own"],
            companions: .init(corpora: ["b", "c"], share: 1, weight: 0.7),
            epochs: 1,
            batch: .init(
                clips: 8,
                nonSpeechClips: 2,
                crop: .init(wholeShare: wholeShare, marginFrames: [10, 20], longestFrames: 250)
            ),
            optimiser: .init(
                learningRate: 0.1,
                warmUpSteps: 0,
                weightDecay: 0,
                beta2: 0.9,
                clipNorm: 1,
                averageDecay: 0
            ),
            dropout: 0,
            loss: .init(speechWeight: 1, prefixWeight: 0, labelSmoothing: 0, classBalance: 0)
        )
    }

    @Test func ownClipsComeOnceAndCompanionsInEqualParts() {
        let drawn = Array(plan().batches.joined())
        #expect(Set(drawn.map { [$0.set, $0.clip] }).count == drawn.count)
        let counts = (0..<3).map { set in drawn.count { $0.set == set } }
        // A last batch of less than half may be left out.
        #expect(counts.reduce(0, +) >= 196)
        #expect(counts[0] >= 96 && (46...50).contains(counts[1]) && (46...50).contains(counts[2]))
    }

    @Test func aPlanIsAFunctionOfSeedAndEpoch() {
        #expect(plan().batches == plan().batches)
        #expect(plan().batches != plan(seed: 2).batches)
        #expect(plan().batches != plan(epoch: 1).batches)
    }

    @Test func theCleanShareIsKept() {
        #expect(plan(cleanShare: 1).batches.joined().allSatisfy { $0.copy == 0 })
        #expect(plan(cleanShare: 0).batches.joined().allSatisfy { (1...3).contains($0.copy) })
        let clean = plan().batches.joined().count { $0.copy == 0 }
        #expect((70...130).contains(clean))
    }

    @Test func aCutKeepsTheSpeechAndItsMargins() {
        for draw in plan(wholeShare: 0).batches.joined() {
            let frames = 200 + (draw.clip * 37) % 100
            #expect((70...80).contains(draw.frames.lowerBound))
            #expect(draw.frames.upperBound >= frames - 50 && draw.frames.upperBound <= frames - 40)
        }
        #expect(plan(wholeShare: 1).batches.joined().allSatisfy { $0.frames.lowerBound == 0 })
        #expect(plan(wholeShare: 1).batches.joined().allSatisfy { $0.frames.count <= 250 })
    }

    @Test func eachBatchGetsItsNoiseNoLongerThanTheRest() {
        for batch in plan(noises: 5).batches {
            let noise = batch.filter { $0.set == 3 }
            let longest = batch.filter { $0.set != 3 }.map(\.frames.count).max() ?? 0
            #expect(noise.count == 2 && noise.allSatisfy { $0.frames.count <= longest })
        }
    }

    @Test func batchesHoldClipsOfSimilarLength() {
        let batches = plan().batches
        let padded = batches.reduce(0) { $0 + ($1.map(\.frames.count).max() ?? 0) * $1.count }
        let real = batches.joined().reduce(0) { $0 + $1.frames.count }
        #expect(Double(padded) / Double(real) < 1.2)
    }
}
