// SPDX-License-Identifier: Apache-2.0
import Recipes
import Testing
import Training

struct FrameVariationTests {
    /// 20 frames of 8 bands and one pitch; band b has the value b + 1.
    private let frames: [Float] = (0..<20).flatMap { _ in (1...8).map(Float.init) + [100] }
    private let statistics = InputStatistics(
        mean: Array(repeating: -1, count: 9),
        scale: Array(repeating: 2, count: 9)
    )

    private func varied(_ variation: FrameVariation, seed: UInt64 = 1) -> [Float] {
        var random = TrainingRandom(seed: seed)
        var features = frames
        variation.apply(to: &features, bandCount: 8, statistics: statistics, using: &random)
        return features
    }

    @Test func nothingSwitchedOnChangesNothing() {
        let off = FrameVariation(limitBands: [2, 5], maskedBands: 9, maskedFrames: 9)
        #expect(varied(off) == frames)
    }

    @Test func masksTakeTheMeanAndNeverThePitch() {
        let masks = FrameVariation(bandMasks: 2, maskedBands: 3, timeMasks: 2, maskedFrames: 5)
        var masked = 0
        for seed in 0..<50 {
            for (index, value) in varied(masks, seed: UInt64(seed)).enumerated() where value != frames[index]
            {
                #expect(value == -1 && index % 9 < 8)
                masked += 1
            }
        }
        #expect(masked > 0)
    }

    @Test func aWarpMovesEveryBandByTheSameFactor() {
        let warped = varied(FrameVariation(warp: 0.2))
        let factor = warped[1] - 1
        #expect((0.8...1.2).contains(factor) && factor != 1)
        for band in 0..<8 {
            #expect(abs(warped[band] - min(8, 1 + Float(band) * factor)) < 1e-5, "band \(band)")
        }
        #expect(warped[8] == 100)
    }

    @Test func aLimitedBandIsDeepBelowTheMeanAboveTheDrawnBand() {
        let limited = varied(FrameVariation(limitShare: 1, limitBands: [3, 6]))
        let first = (0..<8).first { limited[$0] != frames[$0] } ?? 8
        #expect((3...6).contains(first))
        for frame in 0..<20 {
            for band in first..<8 { #expect((-6 ... -2.5).contains(limited[frame * 9 + band])) }
            #expect(limited[frame * 9 + 8] == 100, "the pitch stays")
        }
    }

    @Test func theSameSeedVariesAlike() {
        let all = FrameVariation(warp: 0.1, bandMasks: 1, maskedBands: 4, timeMasks: 1, maskedFrames: 9)
        #expect(varied(all, seed: 3) == varied(all, seed: 3) && varied(all, seed: 3) != varied(all, seed: 4))
    }
}
