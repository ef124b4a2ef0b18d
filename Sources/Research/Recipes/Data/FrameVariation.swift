// SPDX-License-Identifier: Apache-2.0
import Corpora

/// Variation of a clip's feature frames each time it is drawn, in addition to that of its audio.
///
/// - A warp of the mel axis: another vocal tract (Jaitly & Hinton 2013, "Vocal Tract Length Perturbation").
/// - A limited band: nothing but a drawn floor above a drawn band, as telephones, low rates and lossy codecs leave it.
/// - Masked bands and stretches of time (Park et al. 2019, SpecAugment, arXiv:1904.08779): the voice must be told from
///   what is left. Only log-mel bands are masked; pitch and voicing stay.
public struct FrameVariation: Codable, Hashable, Sendable {
    /// The mel axis is stretched by a factor from 1 - warp to 1 + warp, drawn for each clip; 0 leaves it.
    public let warp: Double
    /// The share of clips whose band is limited.
    public let limitShare: Double
    /// The first band that is lost, lowest and highest.
    public let limitBands: [Int]
    /// Ranges of bands that are masked in each clip.
    public let bandMasks: Int
    /// The most bands in such a range; the fewest are none.
    public let maskedBands: Int
    /// Stretches of time that are masked in each clip.
    public let timeMasks: Int
    /// The most frames in such a stretch; the fewest are none.
    public let maskedFrames: Int

    /// Level of a lost band below the mean, in deviations: least and most.
    private static let floorDeviations: ClosedRange<Float> = 3...10

    /// Each parameter as its property says; nothing varies by default.
    public init(
        warp: Double = 0,
        limitShare: Double = 0,
        limitBands: [Int] = [0, 0],
        bandMasks: Int = 0,
        maskedBands: Int = 0,
        timeMasks: Int = 0,
        maskedFrames: Int = 0
    ) {
        (self.warp, self.limitShare, self.limitBands) = (warp, limitShare, limitBands)
        (self.bandMasks, self.maskedBands) = (bandMasks, maskedBands)
        (self.timeMasks, self.maskedFrames) = (timeMasks, maskedFrames)
    }

    var problem: String? {
        if !(0..<0.5).contains(warp) { return "warp must be 0 up to 0.5" }
        if !(0...1).contains(limitShare) { return "limitShare must be 0 to 1" }
        if limitBands.count != 2 || !(0...limitBands[1]).contains(limitBands[0]) {
            return "limitBands must be two numbers, lowest and highest"
        }
        let counts = [bandMasks, maskedBands, timeMasks, maskedFrames]
        return counts.allSatisfy((0...1000).contains) ? nil : "masks must be 0 to 1000"
    }

    /// Varies row-major `features` in place.
    ///
    /// - Parameters:
    ///   - features: [frames, fill.count], of which the first `bandCount` values are the log-mel bands.
    ///   - bandCount: mel bands.
    ///   - statistics: a masked value becomes the mean of its feature; a lost band lies deviations below it.
    package func apply(
        to features: inout [Float],
        bandCount: Int,
        statistics: InputStatistics,
        using random: inout some RandomNumberGenerator
    ) {
        let width = statistics.mean.count
        let frames = features.count / width
        guard frames > 0 else { return }
        if warp > 0 {
            let factor = Float.random(in: Float(1 - warp)...Float(1 + warp), using: &random)
            stretch(&features, by: factor, bandCount: bandCount, width: width)
        }
        func fill(_ frames: Range<Int>, _ bands: Range<Int>, below deviations: Float = 0) {
            for frame in frames {
                for band in bands {
                    features[frame * width + band] =
                        statistics.mean[band] - deviations / statistics.scale[band]
                }
            }
        }
        if limitShare > 0, Double.random(in: 0..<1, using: &random) < limitShare {
            let first = Int.random(in: limitBands[0]...limitBands[1], using: &random)
            let floor = Float.random(in: Self.floorDeviations, using: &random)
            fill(0..<frames, min(first, bandCount)..<bandCount, below: floor)
        }
        for _ in 0..<bandMasks {
            fill(0..<frames, Self.draw(of: bandCount, longest: maskedBands, &random))
        }
        for _ in 0..<timeMasks {
            fill(Self.draw(of: frames, longest: maskedFrames, &random), 0..<bandCount)
        }
    }

    private static func draw(
        of count: Int,
        longest: Int,
        _ random: inout some RandomNumberGenerator
    ) -> Range<Int> {
        let length = Int.random(in: 0...min(longest, count), using: &random)
        let start = Int.random(in: 0...count - length, using: &random)
        return start..<start + length
    }

    /// Each band takes the value at `factor` times its place, between its neighbours; the last band goes on.
    private func stretch(_ features: inout [Float], by factor: Float, bandCount: Int, width: Int) {
        var bands = Array(repeating: Float(0), count: bandCount)
        for start in Swift.stride(from: 0, to: features.count, by: width) {
            for band in 0..<bandCount {
                let place = min(Float(bandCount - 1), Float(band) * factor)
                let below = Int(place)
                let above = min(bandCount - 1, below + 1)
                let share = place - Float(below)
                bands[band] = (1 - share) * features[start + below] + share * features[start + above]
            }
            features.replaceSubrange(start..<start + bandCount, with: bands)
        }
    }
}
