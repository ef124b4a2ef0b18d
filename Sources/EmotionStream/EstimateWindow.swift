// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder

/// The stretch of an utterance that an interim estimate describes.
///
/// All of the utterance while it is shorter than the window. After that, the recent pool fades by 1 - 2/W at each of
/// the W frames of a window: its mean age is that of a window with sharp edges, half its length, and 86 % of its
/// weight lies inside. A sharp window would have to keep W frames to remove them from the sums later.
struct EstimateWindow {
    private let samples: Int64
    private let frames: Int
    private let forgetting: Float
    private var framesSoFar = 0

    /// A window of this many milliseconds of audio; 0 for the whole utterance.
    init(milliseconds: Int, samplesPerFrame: Int) {
        samples = Int64(milliseconds) * 16
        frames = Int(samples) / samplesPerFrame
        forgetting = 1 - 2 / Float(max(3, frames))
    }

    /// Starts an utterance.
    mutating func begin() { framesSoFar = 0 }

    /// Counts an embedding and sets by how much the next one fades the earlier ones.
    mutating func step(_ state: inout EmotionEncoder.State) {
        framesSoFar += 1
        state.recentForgetting = samples > 0 && framesSoFar >= frames ? forgetting : 1
    }

    /// The first sample that an interim estimate of `utterance` so far describes.
    func start(of utterance: Range<Int64>) -> Int64 {
        samples == 0 ? utterance.lowerBound : max(utterance.lowerBound, utterance.upperBound - samples)
    }
}
