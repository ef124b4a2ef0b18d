// SPDX-License-Identifier: Apache-2.0
import Foundation
import StepKernels

/// One possible period.
struct PitchCandidate: BitwiseCopyable {
    /// log2 of the frequency in hertz.
    var octave: Float = 0
    /// Normalised correlation at this period, -1...1.
    var correlation: Float = 0
}

/// Peaks of the normalised correlation of the newest samples with earlier ones.
///
/// Independent of streams: a segment of samples in, candidates out. `step` never allocates.
/// Reference: Talkin, "A robust algorithm for pitch tracking (RAPT)", 1995, section 3.
struct PitchCandidates {
    /// Maximum number of candidates for a frame.
    static let capacity = 8
    /// Smaller peaks are ignored.
    private static let smallestCorrelation: Float = 0.2
    /// Power of a sample, full scale 1, under which nothing can be periodic: -120 dB.
    private static let silencePower = 1e-12
    private static let tapCount = 47

    /// Number of samples that `step` reads.
    let contextSamples: Int
    /// Candidates of the last step; the first `count` are valid.
    private(set) var candidates = [PitchCandidate](repeating: .init(), count: capacity)
    /// Number of candidates.
    private(set) var count = 0
    /// Highest correlation within the range, 0...1.
    private(set) var strongest: Float = 0

    private let taps: [Float]
    private let window: Int
    private let firstLag: Int
    private let lagRange: ClosedRange<Int>
    private let ballast: Double
    private let halfRateHz: Float
    private var halved: [Float]
    private var correlations: [Float]

    init(_ pitch: FeatureSet.Pitch, sampleRate: Int) {
        let rate = Float(sampleRate) / 2
        let shortest = max(2, Int((rate / pitch.highestHz).rounded(.down)))
        let longest = Int((rate / pitch.lowestHz).rounded(.up))
        let lagCount =
            (longest - shortest + 3 + correlationLagGroup - 1) / correlationLagGroup * correlationLagGroup
        halfRateHz = rate
        lagRange = shortest...longest
        firstLag = shortest - 1
        window = pitch.windowSamples / 2
        let power = Self.silencePower * Double(window)
        ballast = power * power
        taps = Self.lowpass(cornerHz: pitch.lowpassHz, sampleRate: Float(sampleRate))
        halved = Array(repeating: 0, count: window + firstLag + lagCount)
        correlations = Array(repeating: 0, count: lagCount)
        contextSamples = 2 * (halved.count - 1) + Self.tapCount
    }

    /// Clears the last segment: its samples and its candidates.
    mutating func reset() {
        for i in halved.indices { halved[i] = 0 }
        for i in correlations.indices { correlations[i] = 0 }
        for i in candidates.indices { candidates[i] = PitchCandidate() }
        (count, strongest) = (0, 0)
    }

    /// Finds the candidates at the end of the ``contextSamples`` samples from index `start` on.
    mutating func step(_ samples: [Float], from start: Int) {
        filterToHalfRate(samples, from: start, taps: taps, into: &halved)
        removeMean(&halved)
        correlate(halved, window: window, firstLag: firstLag, ballast: ballast, into: &correlations)
        pickPeaks()
    }

    private mutating func pickPeaks() {
        count = 0
        strongest = 0
        for lag in lagRange {
            let at = lag - firstLag
            let (before, here, after) = (correlations[at - 1], correlations[at], correlations[at + 1])
            guard here > Self.smallestCorrelation && here >= before && here > after else { continue }
            // Maximum of the parabola through three points.
            let bend = before - 2 * here + after
            let shift = bend < 0 ? 0.5 * (before - after) / bend : 0
            let top = min(1, here - 0.25 * (before - after) * shift)
            strongest = max(strongest, top)
            keep(PitchCandidate(octave: log2(halfRateHz / (Float(lag) + shift)), correlation: top))
        }
    }

    /// Stores the candidate in a free place, or replaces the weakest one.
    private mutating func keep(_ candidate: PitchCandidate) {
        if count < Self.capacity {
            candidates[count] = candidate
            count += 1
            return
        }
        var weakest = 0
        for i in 1..<count where candidates[i].correlation < candidates[weakest].correlation { weakest = i }
        if candidates[weakest].correlation < candidate.correlation { candidates[weakest] = candidate }
    }

    /// Hann-windowed sinc with unit gain at 0 Hz.
    private static func lowpass(cornerHz: Float, sampleRate: Float) -> [Float] {
        let centre = Double(tapCount - 1) / 2
        let taps = (0..<tapCount).map { k in
            let x = 2 * Double(cornerHz / sampleRate) * (Double(k) - centre)
            let sinc = x == 0 ? 1 : sin(.pi * x) / (.pi * x)
            return sinc * (0.5 + 0.5 * cos(.pi * (Double(k) - centre) / (centre + 1)))
        }
        let sum = taps.reduce(0, +)
        return taps.map { Float($0 / sum) }
    }
}
