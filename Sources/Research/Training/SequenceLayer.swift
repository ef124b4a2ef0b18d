// SPDX-License-Identifier: Apache-2.0

/// A layer that makes sequences of sequences.
///
/// `forward` keeps what `backward` needs. What both return lives in the layer, until it works again; a layer that
/// changes its input in place says so.
public protocol SequenceLayer<Scalar>: AnyObject {
    /// What it computes in.
    associatedtype Scalar: TrainingScalar

    /// `dropout` is where dropout draws from, nil outside of training.
    func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource?) -> Sequences<Scalar>

    /// The gradient of the loss by the input, from that by the output; adds to the gradients of the parameters.
    func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar>
}
