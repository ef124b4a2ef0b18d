// SPDX-License-Identifier: Apache-2.0

/// A layer that can run one frame at a time, or over a whole sequence, with the same answer.
///
/// Weights are an immutable value that many streams may share; what one stream has heard is a `State`.
/// Sequences are row-major `[T, channels]`, before the first frame all inputs count as zero.
public protocol StreamingLayer: Sendable {
    /// What one stream carries from step to step.
    associatedtype State: Sendable

    /// Channels of an input frame.
    var inputCount: Int { get }
    /// Channels of an output frame.
    var outputCount: Int { get }
    /// Context and stride of this layer.
    var geometry: StreamGeometry { get }

    /// The state before the first frame. Allocates; `step` never does.
    func makeState() -> State

    /// Back to the state before the first frame. Does not allocate.
    func reset(_ state: inout State)

    /// Takes one frame `[inputCount]` and writes `[outputCount]`.
    ///
    /// - Returns: False while a layer with a stride is between two outputs; `output` is then untouched.
    @discardableResult
    func step(_ input: Span<Float>, _ state: inout State, into output: inout MutableSpan<Float>) -> Bool

    /// The outputs for a whole sequence `[T, inputCount]`: `[ceil(T / stride), outputCount]`.
    func forward(_ sequence: [Float]) -> [Float]
}

extension StreamingLayer {
    /// `step` between two arrays of one state; `output` must have `[outputCount]` values already.
    @discardableResult
    public func step(_ input: [Float], _ state: inout State, into output: inout [Float]) -> Bool {
        var span = output.mutableSpan
        return step(input.span, &state, into: &span)
    }

    /// How many frames are in a row-major sequence of this layer's inputs.
    func frameCount(of sequence: [Float]) -> Int {
        precondition(
            sequence.count.isMultiple(of: inputCount),
            "\(sequence.count) values are no frames of \(inputCount)"
        )
        return sequence.count / inputCount
    }
}

/// The state of a layer that has none.
public struct NoState: Sendable {
    /// Nothing to remember.
    public init() {}
}

extension StreamingLayer where State == NoState {
    /// Nothing to remember.
    public func makeState() -> NoState { NoState() }

    /// Nothing to forget.
    public func reset(_ state: inout NoState) {}
}
