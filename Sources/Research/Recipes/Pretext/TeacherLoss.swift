// SPDX-License-Identifier: Apache-2.0

/// Loss of predicted teacher vectors and its gradient; the equation is at ``Recipe/Pretext/Teacher``.
package struct TeacherLoss<Scalar: BinaryFloatingPoint> {
    private let weight: Scalar
    private let momentWeight: Scalar
    /// Added to a variance before its root, so that a constant clip has a finite slope.
    private static var varianceFloor: Scalar { 1e-4 }

    /// A loss with the weights of its two parts.
    package init(weight: Scalar, momentWeight: Scalar) {
        (self.weight, self.momentWeight) = (weight, momentWeight)
    }

    /// The loss, the mean squared error of frames by itself, and the gradient by `outputs`.
    ///
    /// - Parameters:
    ///   - outputs: row-major [B, U, P].
    ///   - targets: standardised, row-major [B, U, P].
    ///   - mask: [B, U], 1 where a target counts.
    ///   - clips: B.
    package func lossAndGradient(outputs: [Scalar], targets: [Scalar], mask: [Scalar], clips: Int) -> (
        loss: Scalar, frameError: Scalar, gradient: [Scalar]
    ) {
        let frames = mask.count / max(1, clips)
        let size = outputs.count / max(1, mask.count)
        let counted = mask.reduce(0, +)
        var gradient = Array(repeating: Scalar(0), count: outputs.count)
        guard counted > 0 else { return (0, 0, gradient) }
        let taught = (0..<clips).filter { clip in
            mask[clip * frames..<(clip + 1) * frames].contains { $0 > 0 }
        }
        var (frameError, momentError) = (Scalar(0), Scalar(0))
        outputs.withUnsafeBufferPointer { outputs in
            targets.withUnsafeBufferPointer { targets in
                gradient.withUnsafeMutableBufferPointer { gradient in
                    for clip in taught {
                        let rows = (clip * frames..<(clip + 1) * frames).filter { mask[$0] > 0 }
                        let work = Clip(rows: rows, size: size, outputs: outputs, targets: targets)
                        frameError += work.addFrames(gradient, scale: weight / (counted * Scalar(size)))
                        let share = momentWeight / Scalar(taught.count * size)
                        if momentWeight > 0 { momentError += work.addMoments(gradient, scale: share) }
                    }
                }
            }
        }
        frameError /= counted * Scalar(size)
        momentError /= Scalar(taught.count * size)
        return (weight * frameError + momentWeight * momentError, frameError, gradient)
    }

    /// One clip's rows of a batch.
    private struct Clip {
        let rows: [Int]
        let size: Int
        let outputs: UnsafeBufferPointer<Scalar>
        let targets: UnsafeBufferPointer<Scalar>

        /// Adds the slope of the frames' error and returns the sum of their squares.
        func addFrames(_ gradient: UnsafeMutableBufferPointer<Scalar>, scale: Scalar) -> Scalar {
            var sum: Scalar = 0
            for row in rows {
                for index in row * size..<(row + 1) * size {
                    let error = outputs[index] - targets[index]
                    sum += error * error
                    gradient[index] += 2 * scale * error
                }
            }
            return sum
        }

        /// Adds the slope of the errors of mean and deviation and returns the sum of their squares.
        func addMoments(_ gradient: UnsafeMutableBufferPointer<Scalar>, scale: Scalar) -> Scalar {
            let (p, v) = (moments(outputs), moments(targets))
            var sum: Scalar = 0
            let count = Scalar(rows.count)
            var (slope, pull) = (
                Array(repeating: Scalar(0), count: size), Array(repeating: Scalar(0), count: size)
            )
            for index in 0..<size {
                let mean = p.mean[index] - v.mean[index]
                let deviation = p.deviation[index] - v.deviation[index]
                sum += mean * mean + deviation * deviation
                slope[index] = 2 * scale * mean / count
                pull[index] = 2 * scale * deviation / (count * p.deviation[index])
            }
            for row in rows {
                for index in 0..<size {
                    let place = row * size + index
                    gradient[place] += slope[index] + pull[index] * (outputs[place] - p.mean[index])
                }
            }
            return sum
        }

        private func moments(_ values: UnsafeBufferPointer<Scalar>) -> (mean: [Scalar], deviation: [Scalar]) {
            var mean = Array(repeating: Scalar(0), count: size)
            var square = mean
            for row in rows {
                for index in 0..<size { mean[index] += values[row * size + index] }
            }
            for index in 0..<size { mean[index] /= Scalar(rows.count) }
            for row in rows {
                for index in 0..<size {
                    let distance = values[row * size + index] - mean[index]
                    square[index] += distance * distance
                }
            }
            return (mean, square.map { ($0 / Scalar(rows.count) + TeacherLoss.varianceFloor).squareRoot() })
        }
    }
}
