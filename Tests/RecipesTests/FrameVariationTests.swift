// SPDX-License-Identifier: Apache-2.0
import Recipes
import Testing
import Training

struct FrameVariationTests {
    /// 20 frames of 8 bands and one pitch; band b has the value b + 1.
    private let frames: [Float] = (0..<20).flatMap { _ in (1...8).map(Float.init) + [100] }
    private let fill = Array(repeating: Float(-1), count: 9)

    private func varied(_ variation: FrameVariation, seed: UInt64 = 1) -> [Float] {
        var random = TrainingRandom(seed: seed)
        var features = frames
        variation.apply(to: &features, bandCount: 8, fill: fill, using: &random)
        return features
    }

    @Test func nothingSwitchedOnChangesNothing() {
        let off = FrameVariation(warp: 0, bandMasks: 0, maskedBands: 9, timeMasks: 0, maskedFrames: 9)
        #expect(varied(off) == frames)
    }

    @Test func masksTakeTheMeanAndNeverThePitch() {
        let masks = FrameVariation(warp: 0, bandMasks: 2, maskedBands: 3, timeMasks: 2, maskedFrames: 5)
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
        let warped = varied(
            FrameVariation(warp: 0.2, bandMasks: 0, maskedBands: 0, timeMasks: 0, maskedFrames: 0)
        )
        let factor = warped[1] - 1
        #expect((0.8...1.2).contains(factor) && factor != 1)
        for band in 0..<8 {
            #expect(abs(warped[band] - min(8, 1 + Float(band) * factor)) < 1e-5, "band \(band)")
        }
        #expect(warped[8] == 100)
    }

    @Test func theSameSeedVariesAlike() {
        let all = FrameVariation(warp: 0.1, bandMasks: 1, maskedBands: 4, timeMasks: 1, maskedFrames: 9)
        #expect(varied(all, seed: 3) == varied(all, seed: 3) && varied(all, seed: 3) != varied(all, seed: 4))
    }
}
