// SPDX-License-Identifier: Apache-2.0

/// Chooses one pitch a frame, or none, so that the contour is continuous; it never looks ahead.
///
/// The forward pass of Viterbi's algorithm over the candidates and "unvoiced", without backtracking: the result is the
/// best state now. Costs as in Praat: Boersma, "Accurate short-term analysis of the fundamental frequency", 1993, section 3.
struct PitchTracker {
    private let costs: FeatureSet.Pitch
    private let lowestOctave: Float
    private var octaves = [Float](repeating: 0, count: PitchCandidates.capacity)
    private var scores = [Float](repeating: 0, count: PitchCandidates.capacity)
    private var nextScores = [Float](repeating: 0, count: PitchCandidates.capacity)
    private var count = 0
    private var unvoicedScore: Float = 0

    /// `lowestOctave` is log2 of the lowest frequency in hertz.
    init(_ costs: FeatureSet.Pitch, lowestOctave: Float) {
        self.costs = costs
        self.lowestOctave = lowestOctave
    }

    /// Clears all frames. Overwriting also gives a copy its own memory before its first step.
    mutating func reset() {
        for i in octaves.indices { (octaves[i], scores[i], nextScores[i]) = (0, 0, 0) }
        count = 0
        unvoicedScore = 0
    }

    /// log2 of the frequency in hertz, or nil when unvoiced. `height` is the loudness above the noise floor.
    mutating func step(_ found: PitchCandidates, height: Float) -> Float? {
        var best = -1
        var bestScore = scoreOfUnvoiced(height: height)
        let unvoiced = bestScore
        for i in 0..<found.count {
            let candidate = found.candidates[i]
            nextScores[i] =
                candidate.correlation + costs.octaveGain * (candidate.octave - lowestOctave)
                + bestWay(to: candidate.octave)
            if nextScores[i] > bestScore { (best, bestScore) = (i, nextScores[i]) }
        }
        count = found.count
        for i in 0..<count {
            octaves[i] = found.candidates[i].octave
            // Only differences matter; the subtraction keeps the scores bounded.
            scores[i] = nextScores[i] - bestScore
        }
        unvoicedScore = unvoiced - bestScore
        return best >= 0 ? octaves[best] : nil
    }

    private func scoreOfUnvoiced(height: Float) -> Float {
        var way = unvoicedScore
        for i in 0..<count { way = max(way, scores[i] - costs.voicingChangeCost) }
        return way + costs.voicingThreshold + max(0, 1 - max(0, height) / costs.quietHeight)
    }

    private func bestWay(to octave: Float) -> Float {
        var way = unvoicedScore - costs.voicingChangeCost
        for i in 0..<count { way = max(way, scores[i] - costs.jumpCost * abs(octaves[i] - octave)) }
        return way
    }
}
