// SPDX-License-Identifier: Apache-2.0
import Foundation
import Resampling

/// Changes the speed of a voice, pitch and tempo together, as on a tape.
///
/// Source: Ko et al. 2015, "Audio augmentation for speech recognition". The result sounds like another speaker, so this
/// is the first variation, and speech is marked in the changed clip.
public struct SpeedChange: Codable, Hashable, Sendable {
    /// Share of clips that are changed.
    public let probability: Double
    /// Speed, lowest and highest; 1.1 is a tenth faster and higher.
    public let factor: [Double]

    /// Sets each property to the parameter of its name.
    public init(probability: Double, factor: [Double]) {
        (self.probability, self.factor) = (probability, factor)
    }

    var problem: String? {
        if !(0...1).contains(probability) { return "probability must be between 0 and 1" }
        if let problem = factor.rangeProblem { return "factor \(problem)" }
        return factor.allSatisfy((0.5...2).contains) ? nil : "factor must be between 0.5 and 2"
    }

    /// Returns `samples` at a random speed, or unchanged.
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
