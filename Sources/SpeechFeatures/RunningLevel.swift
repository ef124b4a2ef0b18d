// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Level of the voice so far, updated only by speech.
///
/// A weighted mean of the frames' loudness that decays exponentially as speech goes on. A frame's weight is its weight as
/// speech times a factor for its loudness, so breath and rustle before a word do not lower the level.
/// All values are relative to the noise floor and to the level itself: a louder microphone changes nothing.
struct RunningLevel {
    private let settings: FeatureSet.Level
    /// Total weight so far, in frames as loud as the level.
    private var weight: Float = 0
    private var voicedRecently: Float = 0

    /// The level in log-mel units; before any speech, the expected level above this floor.
    private(set) var level: Float
    /// Weight of the last frame as speech, 0...1.
    private(set) var speech: Float = 0

    init(_ settings: FeatureSet.Level) {
        self.settings = settings
        level = settings.deadLoudness + settings.priorHeight
    }

    mutating func reset() {
        (weight, voicedRecently, speech) = (0, 0, 0)
        level = settings.deadLoudness + settings.priorHeight
    }

    /// `voicing` is 0 for an unvoiced frame, else its periodicity.
    mutating func step(floor: NoiseFloor, voicing: Float) {
        voicedRecently = max(voicing, voicedRecently * settings.voicingDecay)
        let height = floor.height + settings.voicedHeight * voicedRecently
        let gate = smoothStep((height - settings.gateHeight) / settings.gateWidth)
        speech = gate * (settings.unvoicedWeight + (1 - settings.unvoicedWeight) * voicedRecently)
        if weight == 0 { level = floor.loudness + settings.priorHeight }
        if speech > 0 { move(to: floor.frameLoudness) }
    }

    private mutating func move(to loudness: Float) {
        if weight == 0 { weight = settings.priorFrames }
        let share = speech * exp(settings.loudnessWeight * (loudness - level))
        weight = weight * (1 - speech / settings.memoryFrames) + share
        let rise = share / weight * (loudness - level)
        level += rise
        // The weight is in frames as loud as the level, and the level has changed.
        weight *= exp(-settings.loudnessWeight * rise)
    }

    /// 0 below 0, 1 above 1, smooth between.
    private func smoothStep(_ x: Float) -> Float {
        let t = max(0, min(1, x))
        return t * t * (3 - 2 * t)
    }
}
