// SPDX-License-Identifier: Apache-2.0
import Foundation
import StepKernels

/// Computes one feature frame from the samples that end with it: the order of the steps, without buffering.
///
/// Keeps the state of a stream other than samples: noise floor, level, pitch contour. `step` never allocates.
struct FrameFeatures {
    /// Number of samples that `step` reads; the frame's own window is at their end.
    let contextSamples: Int

    private let set: FeatureSet
    private let levelBands: Range<Int>
    private var spectrum: LogMelSpectrum
    private var candidates: PitchCandidates
    private var tracker: PitchTracker
    private var contour: PitchContour
    private var floor: NoiseFloor
    private var level: RunningLevel

    init(_ set: FeatureSet) {
        self.set = set
        let bank = MelFilterBank(set.spectrum)
        levelBands = Self.bands(of: bank, from: set.level.lowestHz, to: set.level.highestHz)
        spectrum = LogMelSpectrum(set.spectrum, bank)
        candidates = PitchCandidates(set.pitch, sampleRate: set.spectrum.sampleRate)
        tracker = PitchTracker(set.pitch, lowestOctave: log2(set.pitch.lowestHz))
        contour = PitchContour(set.pitch)
        // Covers a window that contains dead samples, and then the mean over three frames.
        let hops = (set.spectrum.windowSamples + set.spectrum.hopSamples - 1) / set.spectrum.hopSamples
        floor = NoiseFloor(set.level, settleFrames: max(2, hops))
        level = RunningLevel(set.level)
        contextSamples = max(set.spectrum.windowSamples, candidates.contextSamples)
    }

    mutating func reset() {
        spectrum.reset()
        candidates.reset()
        tracker.reset()
        contour.reset()
        floor.reset()
        level.reset()
    }

    /// Fills `frame` `[featureCount]` from the ``contextSamples`` samples from index `start` on.
    mutating func step(_ samples: [Float], from start: Int, into frame: inout [Float]) {
        spectrum.step(samples, from: start + contextSamples - set.spectrum.windowSamples)
        candidates.step(samples, from: start + contextSamples - candidates.contextSamples)

        floor.step(meanOfLevelBands())
        let octave = tracker.step(candidates, height: floor.height)
        level.step(floor: floor, voicing: octave == nil ? 0 : candidates.strongest)
        contour.step(octave, speech: level.speech)

        for band in 0..<set.spectrum.bandCount {
            frame[band] = limited(spectrum.logMel[band] - level.level)
        }
        frame[set.index(of: .pitch)] = contour.pitch
        frame[set.index(of: .relativePitch)] = contour.relativePitch
        frame[set.index(of: .pitchSlope)] = contour.slope
        frame[set.index(of: .voicing)] = candidates.strongest
        frame[set.index(of: .loudness)] = limited(spectrum.logMean - level.level)
        frame[set.index(of: .speech)] = level.speech
    }

    private func limited(_ value: Float) -> Float { max(-set.level.limit, min(set.level.limit, value)) }

    private func meanOfLevelBands() -> Float {
        var sum: Float = 0
        for band in levelBands { sum += spectrum.logMel[band] }
        return sum / Float(levelBands.count)
    }

    private static func bands(of bank: MelFilterBank, from lowestHz: Float, to highestHz: Float) -> Range<Int>
    {
        let first = bank.peaksHz.firstIndex { $0 >= lowestHz } ?? 0
        let end = bank.peaksHz.lastIndex { $0 <= highestHz }.map { $0 + 1 } ?? bank.peaksHz.count
        return first < end ? first..<end : 0..<bank.peaksHz.count
    }
}
