// SPDX-License-Identifier: Apache-2.0
import Foundation
import Resampling

/// The voice faster or slower, pitch and tempo together, as a tape plays it.
///
/// Source: Ko et al. 2015, "Audio augmentation for speech recognition". It makes another speaker of the same clip, so
/// it comes before everything else, and what is marked as speech is marked in the changed clip.
public struct SpeedChange: Codable, Hashable, Sendable {
    /// The share of clips that are changed.
    public let probability: Double
    /// Speed, lowest and highest; 1.1 is a tenth faster and higher.
    public let factor: [Double]

    /// Each parameter as its property says.
    public init(probability: Double, factor: [Double]) {
        (self.probability, self.factor) = (probability, factor)
    }

    var problem: String? {
        if !(0...1).contains(probability) { return "probability must lie between 0 and 1" }
        if let problem = factor.rangeProblem { return "factor \(problem)" }
        return factor.allSatisfy((0.5...2).contains) ? nil : "factor must lie between 0.5 and 2"
    }

    /// `samples` at a drawn speed, or as they are.
    func vary(
        _ samples: [Float],
        sampleRate: Int,
        using random: inout SplitMix64
    ) throws(CorporaError) -> [Float] {
        guard random.happens(probability) else { return samples }
        let factor = draw(factor, &random)
        do {
            return try resampled(samples, from: Int((factor * Double(sampleRate)).rounded()), to: sampleRate)
        } catch {
            throw .audio(description: error.description)
        }
    }
}
