// SPDX-License-Identifier: Apache-2.0

/// ReLU or GELU of every number; `forward` and `backward` work in place.
public final class ActivationLayer<Scalar: TrainingScalar>: SequenceLayer {
    private let kind: NetworkShape.Activation
    private let input = Workspace<Scalar>()
    private var y: Sequences<Scalar>?

    /// A layer without weights.
    public init(_ kind: NetworkShape.Activation) { self.kind = kind }

    /// The output; see the type.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil)
        -> Sequences<Scalar>
    {
        y = x
        switch kind {
        case .relu:
            Scalar.relu(x.data, count: x.count)
        case .gelu:
            let before = input.reserve(x.count)
            before.update(from: x.data, count: x.count)
            Scalar.gelu(before, into: x.data, count: x.count)
        }
        return x
    }

    /// The gradient of the input; adds to those of the parameters.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        guard let y else { preconditionFailure("backward before forward") }
        switch kind {
        case .relu: Scalar.reluGradient(dy.data, y.data, count: dy.count)
        case .gelu: Scalar.geluGradient(dy.data, input.pointer, count: dy.count)
        }
        return dy
    }
}
