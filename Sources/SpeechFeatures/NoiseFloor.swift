// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Loudness of the background without speech: the minimum of the loudness over the last seconds.
///
/// The minimum is kept in blocks, so that old minima expire. Reference: Martin, "Noise power spectral density estimation
/// based on optimal smoothing and minimum statistics", 2001, section V; here for one value instead of a spectrum.
struct NoiseFloor {
    private let settings: FeatureSet.Level
    private let settleFrames: Int
    private let doubtFactor: Float
    private var blocks: [Float]
    private var block = 0
    private var blockFrames = 0
    private var liveFrames = 0
    private var isKnown = false
    private var history: (Float, Float) = (0, 0)
    private var doubt: Float

    /// The floor in log-mel units, with the start doubt; the dead level until a frame carries a signal.
    private(set) var loudness: Float
    /// Loudness of the last frame.
    private(set) var frameLoudness: Float = 0
    /// Loudness of the last frame above the floor, at least 0.
    private(set) var height: Float = 0

    /// `settleFrames`: number of frames whose windows can contain digital silence, and so be quieter than the background.
    init(_ settings: FeatureSet.Level, settleFrames: Int) {
        self.settings = settings
        self.settleFrames = settleFrames
        doubtFactor = exp2(-1 / settings.startDoubtFrames)
        blocks = Array(repeating: .infinity, count: settings.floorBlockCount)
        doubt = settings.startDoubt
        loudness = settings.deadLoudness
    }

    mutating func reset() {
        for i in blocks.indices { blocks[i] = .infinity }
        (block, blockFrames, liveFrames, height) = (0, 0, 0, 0)
        doubt = settings.startDoubt
        loudness = settings.deadLoudness
        isKnown = false
    }

    mutating func step(_ frameLoudness: Float) {
        self.frameLoudness = frameLoudness
        guard frameLoudness > settings.deadLoudness else {
            liveFrames = 0
            height = 0
            return
        }
        liveFrames += 1
        guard liveFrames > settleFrames else {
            history = (history.1, frameLoudness)
            height = 0
            if !isKnown { loudness = frameLoudness - doubt }
            return
        }
        remember((history.0 + history.1 + frameLoudness) / 3)
        history = (history.1, frameLoudness)
        loudness = (blocks.min() ?? settings.deadLoudness) - doubt
        doubt *= doubtFactor
        isKnown = true
        height = max(0, frameLoudness - loudness)
    }

    private mutating func remember(_ smoothed: Float) {
        if blockFrames == settings.floorBlockFrames {
            blockFrames = 0
            block = (block + 1) % blocks.count
            blocks[block] = .infinity
        }
        blocks[block] = min(blocks[block], smoothed)
        blockFrames += 1
    }
}
