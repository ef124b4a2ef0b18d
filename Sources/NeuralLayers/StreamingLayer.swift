// SPDX-License-Identifier: Apache-2.0

/// A layer that runs one frame at a time or over a whole sequence, with the same result.
///
/// Weights are an immutable value that many streams may share; the past of one stream is a `State`.
/// Sequences are row-major `[T, channels]`; inputs before the first frame are zero.
public protocol StreamingLayer: Sendable {
    /// State that one stream keeps between steps.
    associatedtype State: Sendable

    /// Channels of an input frame.
    var inputCount: Int { get }
    /// Channels of an output frame.
    var outputCount: Int { get }
    /// Context and stride of this layer.
    var geometry: StreamGeometry { get }

    /// The state before the first frame. Allocates; `step` never does.
    func makeState() -> State

    /// Resets to the state before the first frame. Does not allocate.
    func reset(_ state: inout State)

    /// Processes one frame `[inputCount]` and writes `[outputCount]`.
    ///
    /// - Returns: false while a layer with a stride is between two outputs; `output` is then unchanged.
    @discardableResult
    func step(_ input: Span<Float>, _ state: inout State, into output: inout MutableSpan<Float>) -> Bool

    /// The outputs for a whole sequence `[T, inputCount]`: `[ceil(T / stride), outputCount]`.
    func forward(_ sequence: [Float]) -> [Float]
}

extension StreamingLayer {
    /// Runs `step` between two arrays of one state; `output` must already have `[outputCount]` values.
    @discardableResult
    public func step(_ input: [Float], _ state: inout State, into output: inout [Float]) -> Bool {
        var span = output.mutableSpan
        return step(input.span, &state, into: &span)
    }

    /// Number of frames in a row-major sequence of this layer's inputs.
    func frameCount(of sequence: [Float]) -> Int {
        precondition(
            sequence.count.isMultiple(of: inputCount),
            "\(sequence.count) values are not a whole number of frames of \(inputCount)"
        )
        return sequence.count / inputCount
    }
}

/// The empty state of a stateless layer.
public struct NoState: Sendable {
    /// An empty state.
    public init() {}
}

extension StreamingLayer where State == NoState {
    /// An empty state.
    public func makeState() -> NoState { NoState() }

    /// Does nothing.
    public func reset(_ state: inout NoState) {}
}
