// SPDX-License-Identifier: Apache-2.0
import Glibc

/// AdamW: Adam with decoupled weight decay (Loshchilov, Hutter 2019, arXiv:1711.05101), which also keeps a running
/// average of the weights.
public final class AdamW<Scalar: TrainingScalar> {
    /// The hyperparameters.
    public struct Settings: Sendable, Equatable, Codable {
        /// Decay of the gradient's running mean.
        public var beta1 = 0.9
        /// Decay of the squared gradient's running mean.
        public var beta2 = 0.999
        /// Added to the divisor, so that the quotient stays finite.
        public var epsilon = 1e-8
        /// Share of each weight that is removed per unit of learning rate; biases and norms are exempt.
        public var weightDecay = 0.01
        /// Limit of the gradient's norm over all weights; larger gradients are scaled down to it. Infinite for no limit.
        public var clipNorm = 1.0
        /// Decay of the averaged weights; 0 for none.
        public var averageDecay = 0.99

        /// The defaults.
        public init() {}
    }

    /// The hyperparameters in use.
    public let settings: Settings
    /// Number of steps taken. A checkpoint needs this and the next three properties to resume with identical results.
    public var stepCount = 0
    /// Running mean of the gradient, for each weight.
    public var mean: [Scalar]
    /// Running mean of the squared gradient, for each weight.
    public var square: [Scalar]
    /// The averaged weights.
    public var average: [Scalar]
    private let parameters: Parameters<Scalar>

    /// An optimiser that has taken no steps.
    public init(_ parameters: Parameters<Scalar>, _ settings: Settings = .init()) {
        (self.parameters, self.settings) = (parameters, settings)
        mean = [Scalar](repeating: 0, count: parameters.count)
        square = mean
        average = parameters.all
    }

    /// Resets the running means of the tensor `name` and of those whose names start with `name.`, for a layer whose weights
    /// were drawn again.
    public func forget(_ name: String) {
        for entry in parameters.entries where entry.name == name || entry.name.hasPrefix(name + ".") {
            for index in entry.offset..<entry.offset + entry.count { (mean[index], square[index]) = (0, 0) }
        }
    }

    /// Updates the weights. Returns the gradient's norm before clipping.
    public func step(learningRate: Double) -> Double {
        stepCount += 1
        let squared = Scalar.dot(parameters.gradients, parameters.gradients, count: parameters.count)
        let norm = Double(squared).squareRoot()
        var numbers = AdamNumbers<Scalar>(settings, step: stepCount, learningRate: learningRate)
        if norm > settings.clipNorm { numbers.gradientScale = Scalar(settings.clipNorm / (norm + 1e-6)) }
        for entry in parameters.entries {
            numbers.keep = Scalar(entry.decays ? 1 - learningRate * settings.weightDecay : 1)
            Scalar.adam(
                values: parameters.values,
                gradients: parameters.gradients,
                mean: &mean,
                square: &square,
                average: &average,
                range: entry.offset..<entry.offset + entry.count,
                numbers
            )
        }
        return norm
    }
}

/// The constants of one AdamW step.
public struct AdamNumbers<Scalar: TrainingScalar> {
    var gradientScale: Scalar = 1
    var keep: Scalar = 1
    let beta1: Scalar
    let beta2: Scalar
    let rate: Scalar
    let rootScale: Scalar
    let epsilon: Scalar
    let averageDecay: Scalar

    init(_ settings: AdamW<Scalar>.Settings, step: Int, learningRate: Double) {
        beta1 = Scalar(settings.beta1)
        beta2 = Scalar(settings.beta2)
        rate = Scalar(learningRate / (1 - pow(settings.beta1, Double(step))))
        rootScale = Scalar((1 / (1 - pow(settings.beta2, Double(step)))).squareRoot())
        epsilon = Scalar(settings.epsilon)
        averageDecay = Scalar(settings.averageDecay)
    }
}

extension TrainingScalar {
    /// Takes one AdamW step over part of the buffers.
    public static func adam(
        values: UnsafeMutablePointer<Self>,
        gradients: UnsafePointer<Self>,
        mean: UnsafeMutablePointer<Self>,
        square: UnsafeMutablePointer<Self>,
        average: UnsafeMutablePointer<Self>,
        range: Range<Int>,
        _ n: AdamNumbers<Self>
    ) {
        for i in range {
            let g = gradients[i] * n.gradientScale
            mean[i] = n.beta1 * mean[i] + (1 - n.beta1) * g
            square[i] = n.beta2 * square[i] + (1 - n.beta2) * g * g
            let root = square[i].squareRoot() * n.rootScale + n.epsilon
            values[i] = values[i] * n.keep - n.rate * mean[i] / root
            average[i] = n.averageDecay * average[i] + (1 - n.averageDecay) * values[i]
        }
    }
}
