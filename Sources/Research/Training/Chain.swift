// SPDX-License-Identifier: Apache-2.0

/// A sequence of layers as one layer.
public final class Chain<Scalar: TrainingScalar>: SequenceLayer {
    private let layers: [any SequenceLayer<Scalar>]

    /// A chain of `layers`, in forward order.
    public init(_ layers: [any SequenceLayer<Scalar>]) { self.layers = layers }

    /// The output of the last layer.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        layers.reduce(x) { $1.forward($0, dropout) }
    }

    /// The gradient of the first layer's input.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        layers.reversed().reduce(dy) { $1.backward($0) }
    }
}
