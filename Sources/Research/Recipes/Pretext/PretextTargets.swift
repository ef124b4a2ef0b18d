// SPDX-License-Identifier: Apache-2.0
package import Training

/// Targets of the pretext tasks for one batch.
///
/// V views of B clips, in the network's order: first the whole clips, then each clip's chunks. A weight of 0 is where
/// there is no label: a clip without a face, a chunk without enough speech.
package struct PretextTargets {
    /// Row-major [views, B]: 1 high, 0 low.
    package struct Binary {
        package var values: [Float] = []
        package var weights: [Float] = []

        package mutating func append(_ isHigh: Bool?) {
            values.append(isHigh == true ? 1 : 0)
            weights.append(isHigh == nil ? 0 : 1)
        }
    }

    /// Masks over embeddings [B, U], one for each view.
    package var views: [[Float]] = []
    package var energy = Binary()
    package var face = Binary()
    /// The class for each view and clip, if known.
    package var units: [Int?] = []
    /// The cluster for each view and clip, if known.
    package var clusters: [Int?] = []
    /// Rows of [views, B] that should lie near and far.
    package var triplets: [Triplet] = []
    /// Row-major [B, U, inputs]: the frame that is to be predicted.
    package var future: [Float] = []
    /// Row-major [B, U]: 1 where there is such a frame.
    package var futureMask: [Float] = []

    /// Row-major [B, U, vector size]: the teacher's standardised vectors.
    package var teacher: [Float] = []
    /// Row-major [B, U]: 1 where there is such a vector and the frame is speech.
    package var teacherMask: [Float] = []

    /// Clips of the batch.
    package var clipCount = 0

    /// Nothing to learn yet.
    package init() {}
}
