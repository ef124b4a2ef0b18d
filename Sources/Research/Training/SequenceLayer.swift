// SPDX-License-Identifier: Apache-2.0

/// A layer that maps sequences to sequences.
///
/// `forward` keeps the values that `backward` needs. The layer owns the results of both, which are valid until its next
/// call. Layers that change their input in place are documented so.
public protocol SequenceLayer<Scalar>: AnyObject {
    /// Number type of the computation.
    associatedtype Scalar: TrainingScalar

    /// The output; `dropout` is the source of dropout, nil outside of training.
    func forward(_ x: Sequences<Scalar>, _ dropout: DropoutSource?) -> Sequences<Scalar>

    /// The gradient of the input from that of the output; adds to the gradients of the parameters.
    func backward(_ dy: Sequences<Scalar>) -> Sequences<Scalar>
}
