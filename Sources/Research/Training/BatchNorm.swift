// SPDX-License-Identifier: Apache-2.0

/// Batch normalisation: zero mean and unit variance of each channel over a batch, then scale and shift; outside of
/// training it uses running statistics (Ioffe & Szegedy 2015, arXiv:1502.03167). Like PyTorch's `BatchNorm1d` and, on
/// images with channels last, `BatchNorm2d`.
///
/// The running statistics are parameters with gradients of zero, so checkpoints, averages and models contain them and
/// the optimiser does not change them. `forward` runs in training mode if it gets a source of dropout.
public final class BatchNorm<Scalar: TrainingScalar>: SequenceLayer {
    private let channels: Int
    private let epsilon: Scalar = 1e-5
    private let momentum: Scalar = 0.1
    private let weight: Parameter<Scalar>
    private let bias: Parameter<Scalar>
    private let runningMean: Parameter<Scalar>
    private let runningVariance: Parameter<Scalar>
    private let mean = Workspace<Scalar>()
    private let inverse = Workspace<Scalar>()
    private let normalized = Workspace<Scalar>()
    private let output = Workspace<Scalar>()
    private let inputGradients = Workspace<Scalar>()
    private var isTraining = false

    /// A layer with scale 1 and shift 0.
    public init(_ parameters: Parameters<Scalar>, _ name: String, channels: Int) {
        self.channels = channels
        weight = parameters.add(name + ".weight", [channels]) { 1 }
        bias = parameters.add(name + ".bias", [channels]) { 0 }
        runningMean = parameters.add(name + ".running_mean", [channels]) { 0 }
        runningVariance = parameters.add(name + ".running_var", [channels]) { 1 }
    }

    /// The output. A frame may hold a multiple of the channels, such as the columns of an image's row.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        let rows = x.count / channels
        isTraining = dropout != nil
        let (mean, inverse) = (mean.reserve(channels), inverse.reserve(channels))
        if isTraining { measure(x, mean, inverse) } else { recall(mean, inverse) }
        let y = x.like(output)
        Scalar.batchNorm(
            x.data,
            mean: mean,
            inverse: inverse,
            weight: weight.values,
            bias: bias.values,
            normalized: normalized.reserve(x.count),
            output: y.data,
            rows: rows,
            columns: channels
        )
        return y
    }

    private func measure(
        _ x: Sequences<Scalar>,
        _ mean: UnsafeMutablePointer<Scalar>,
        _ inverse: UnsafeMutablePointer<Scalar>
    ) {
        let rows = x.count / channels
        Scalar.moments(x.data, mean: mean, variance: inverse, rows: rows, columns: channels)
        let unbiased = Scalar(rows) / Scalar(max(1, rows - 1))
        for c in 0..<channels {
            runningMean.values[c] += momentum * (mean[c] - runningMean.values[c])
            runningVariance.values[c] += momentum * (inverse[c] * unbiased - runningVariance.values[c])
            inverse[c] = 1 / (inverse[c] + epsilon).squareRoot()
        }
    }

    private func recall(_ mean: UnsafeMutablePointer<Scalar>, _ inverse: UnsafeMutablePointer<Scalar>) {
        mean.update(from: runningMean.values, count: channels)
        for c in 0..<channels { inverse[c] = 1 / (runningVariance.values[c] + epsilon).squareRoot() }
    }

    /// The gradient of the input; adds to those of weight and bias. Outside of training the statistics are constant.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        let dx = dy.like(inputGradients)
        Scalar.batchNormGradient(
            dy.data,
            inverse: inverse.pointer,
            weight: weight.values,
            normalized: normalized.pointer,
            dWeight: weight.gradients,
            dBias: bias.gradients,
            dx: dx.data,
            rows: dy.count / channels,
            columns: channels,
            isTraining: isTraining
        )
        return dx
    }
}
