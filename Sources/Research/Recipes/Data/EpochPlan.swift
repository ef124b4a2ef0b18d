// SPDX-License-Identifier: Apache-2.0
import Corpora

/// One clip as a training epoch draws it.
package struct DrawnClip: Hashable, Sendable {
    /// Which of the stage's sets.
    package let set: Int
    /// Which clip of the set.
    package let clip: Int
    /// Which copy of the clip; 0 is clean.
    package let copy: Int
    /// Which of its frames, counted in the clean copy; a copy of another speed has others at these moments.
    package let frames: Range<Int>

    /// Each parameter as its property says.
    package init(set: Int, clip: Int, copy: Int, frames: Range<Int>) {
        (self.set, self.clip, self.copy, self.frames) = (set, clip, copy, frames)
    }

    /// The same moments in a copy of `count` frames that is spoken `tempo` times as fast.
    package func frames(atTempo tempo: Double, of count: Int) -> Range<Int> {
        let end = min(count, Int((Double(frames.upperBound) / tempo).rounded()))
        return min(end, Int((Double(frames.lowerBound) / tempo).rounded()))..<end
    }
}

/// A clip that an epoch can draw.
package struct ClipMember: Sendable {
    package let set: Int
    package let clip: Int
    package let frameCount: Int
    /// From the first to the last frame of speech; empty for noise.
    package let speech: Range<Int>
    package let copyCount: Int

    /// Each parameter as its property says.
    package init(set: Int, clip: Int, frameCount: Int, speech: Range<Int>, copyCount: Int) {
        (self.set, self.clip, self.frameCount, self.speech, self.copyCount) = (
            set, clip, frameCount, speech, copyCount
        )
    }
}

/// Which clips, in which copy, cut how, make up each batch of an epoch.
///
/// A function of seed and epoch alone, so that a run resumed in the middle goes on as it would have gone. Clips of
/// similar length share a batch, which keeps padding small, but only within a window of a few batches, which keeps
/// batches varied.
package struct EpochPlan: Sendable {
    package let batches: [[DrawnClip]]

    /// Batches whose clips are sorted by length together.
    private static let windowBatches = 8

    /// - Parameters:
    ///   - members: every one of these comes once.
    ///   - companions: groups of which equal numbers are drawn.
    ///   - noises: of which some are added to each batch.
    ///   - stage: how many, and how they are cut.
    ///   - cleanShare: the share of draws that take the clean copy.
    package init(
        members: [ClipMember],
        companions: [[ClipMember]],
        noises: [ClipMember],
        stage: Recipe.Stage,
        cleanShare: Double,
        seed: UInt64,
        epoch: Int
    ) {
        var random = SplitMix64(seed: seed, name: "\(stage.name), epoch \(epoch)")
        let guests = Int(stage.companions.share * Double(members.count)) / max(1, companions.count)
        let chosen = members + companions.flatMap { $0.shuffled(using: &random).prefix(guests) }
        let draws = chosen.shuffled(using: &random).map { member in
            DrawnClip(
                set: member.set,
                clip: member.clip,
                copy: member.drawCopy(cleanShare, &random),
                frames: member.drawFrames(stage.batch.crop, &random)
            )
        }
        batches = Self.sortedByLength(draws, batchClips: stage.batch.clips).map { batch in
            batch
                + (0..<(noises.isEmpty ? 0 : stage.batch.nonSpeechClips)).compactMap { _ in
                    noises.randomElement(using: &random)?.drawNoise(
                        of: batch.map(\.frames.count).max() ?? 0,
                        &random
                    )
                }
        }.shuffled(using: &random)
    }

    /// Windows of a few batches, each sorted by length and cut into batches; a last one of less than half is left out.
    private static func sortedByLength(_ draws: [DrawnClip], batchClips: Int) -> [[DrawnClip]] {
        let window = batchClips * windowBatches
        return stride(from: 0, to: draws.count, by: window).flatMap { start in
            let sorted = draws[start..<min(draws.count, start + window)].sorted {
                $0.frames.count < $1.frames.count
            }
            return stride(from: 0, to: sorted.count, by: batchClips)
                .map { Array(sorted[$0..<min(sorted.count, $0 + batchClips)]) }
                .filter { $0.count * 2 >= batchClips }
        }
    }
}

extension ClipMember {
    fileprivate func drawCopy(_ cleanShare: Double, _ random: inout SplitMix64) -> Int {
        copyCount == 0 || random.happens(cleanShare) ? 0 : Int.random(in: 1...copyCount, using: &random)
    }

    fileprivate func drawFrames(_ crop: Recipe.Crop, _ random: inout SplitMix64) -> Range<Int> {
        let before = Int.random(in: crop.marginFrames[0]...crop.marginFrames[1], using: &random)
        let after = Int.random(in: crop.marginFrames[0]...crop.marginFrames[1], using: &random)
        let isWhole = random.happens(crop.wholeShare) || speech.isEmpty
        let first = isWhole ? 0 : max(0, speech.lowerBound - before)
        let end = isWhole ? frameCount : min(frameCount, speech.upperBound + after)
        return first..<min(end, first + crop.longestFrames)
    }

    /// A stretch no longer than the batch is anyway.
    fileprivate func drawNoise(of longest: Int, _ random: inout SplitMix64) -> DrawnClip {
        let count = min(longest, frameCount)
        let start = Int.random(in: 0...frameCount - count, using: &random)
        return DrawnClip(set: set, clip: clip, copy: 0, frames: start..<start + count)
    }
}
