// SPDX-License-Identifier: Apache-2.0

/// Layers one after the other, as one layer.
public final class Chain<Scalar: TrainingScalar>: SequenceLayer {
    private let layers: [any SequenceLayer<Scalar>]

    /// Takes the layers in their order.
    public init(_ layers: [any SequenceLayer<Scalar>]) { self.layers = layers }

    /// The output of the last layer.
    public func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource? = nil) -> Sequences<Scalar> {
        layers.reduce(x) { $1.forward($0, dropout) }
    }

    /// The gradient by the input of the first.
    public func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar> {
        layers.reversed().reduce(dy) { $1.backward($0) }
    }
}
