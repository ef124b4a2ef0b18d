// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Pitch values of a frame: relative to a fixed reference, relative to the speaker's mean, and the change over time.
struct PitchContour {
    private let referenceOctave: Float
    private let memoryFrames: Float
    private var recent: [Float]
    private var runFrames = 0
    private var mean: Float = 0
    private var weight: Float = 0

    /// The values of the last frame; all 0 when it was unvoiced.
    private(set) var pitch: Float = 0
    private(set) var relativePitch: Float = 0
    private(set) var slope: Float = 0

    init(_ settings: FeatureSet.Pitch) {
        referenceOctave = log2(settings.referenceHz)
        memoryFrames = settings.memoryFrames
        recent = Array(repeating: 0, count: settings.slopeFrames)
    }

    /// Clears all frames. Overwriting also gives a copy its own memory before its first step.
    mutating func reset() {
        for i in recent.indices { recent[i] = 0 }
        (runFrames, mean, weight) = (0, 0, 0)
        (pitch, relativePitch, slope) = (0, 0, 0)
    }

    /// `octave` is log2 of the frequency in hertz, nil when unvoiced; `speech` is the frame's weight as speech.
    mutating func step(_ octave: Float?, speech: Float) {
        guard let octave else {
            runFrames = 0
            (pitch, relativePitch, slope) = (0, 0, 0)
            return
        }
        if speech > 0 {
            weight = min(weight + speech, memoryFrames)
            mean += speech / weight * (octave - mean)
        }
        pitch = octave - referenceOctave
        relativePitch = weight > 0 ? octave - mean : 0
        slope = movement(to: octave)
    }

    private mutating func movement(to octave: Float) -> Float {
        let place = runFrames % recent.count
        let oldest = runFrames >= recent.count ? recent[place] : (runFrames > 0 ? recent[0] : octave)
        recent[place] = octave
        runFrames += 1
        return max(-1, min(1, octave - oldest))
    }
}
