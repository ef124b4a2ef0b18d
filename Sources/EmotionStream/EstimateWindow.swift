// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder

/// The stretch of an utterance that an interim estimate describes.
///
/// While the utterance is shorter than the window, all of it. From then on the recent pool fades by 1 - 2/W at each of
/// the W frames of a window: the mean age of what it holds is that of a window with sharp edges, half its length, and
/// 86 % of its weight lies inside. A sharp window would have to keep W frames to take them out of the sums again.
struct EstimateWindow {
    private let samples: Int64
    private let frames: Int
    private let forgetting: Float
    private var framesSoFar = 0

    /// A window of so many milliseconds of audio; 0 for one that never ends.
    init(milliseconds: Int, samplesPerFrame: Int) {
        samples = Int64(milliseconds) * 16
        frames = Int(samples) / samplesPerFrame
        forgetting = 1 - 2 / Float(max(3, frames))
    }

    /// Starts an utterance.
    mutating func begin() { framesSoFar = 0 }

    /// Takes note of an embedding and sets how the next one fades those before it.
    mutating func step(_ state: inout EmotionEncoder.State) {
        framesSoFar += 1
        state.recentForgetting = samples > 0 && framesSoFar >= frames ? forgetting : 1
    }

    /// The first sample that an interim estimate of `utterance` so far describes.
    func start(of utterance: Range<Int64>) -> Int64 {
        samples == 0 ? utterance.lowerBound : max(utterance.lowerBound, utterance.upperBound - samples)
    }
}
