// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// The weighted mean of all frames so far, where each frame says how much it matters.
///
/// Concretely, for frame x and an outside weight p (how likely this is speech):
///
///     w = p exp(clamp(a . x + b, -8, 8))
///     pooled = sum(w x) / sum(w)
///
/// Two running sums are all the state, so an utterance of any length costs the same. The clamp stands in for the
/// maximum that a softmax over a known sequence would subtract. With `forgetting` below 1 both sums fade by that
/// factor a frame, so that old frames lose their say.
///
/// ### References
/// Safari, Hernando 2019, arXiv:1906.07317 (self-attention pooling); the incremental form follows from its formula.
public struct AttentionPooling: Sendable {
    private let weight: [Float]
    private let bias: Float
    private let forgetting: Float

    /// Scores are limited to this range before the exponential.
    public static let scoreLimit: Float = 8

    /// `weight` `[channels]` and `bias` make the score; `forgetting` in 0...1, where 1 forgets nothing.
    public init(weight: [Float], bias: Float, forgetting: Float = 1) {
        precondition(
            !weight.isEmpty && (0...1).contains(forgetting),
            "forgetting is a factor, not \(forgetting)"
        )
        self.weight = weight
        self.bias = bias
        self.forgetting = forgetting
    }

    /// Channels of a frame.
    public var channelCount: Int { weight.count }

    /// The two running sums.
    public struct State: Sendable {
        fileprivate var weightedSum: [Float]
        fileprivate var weightSum: Float = 0

        /// Forgets all frames. Does not allocate.
        public mutating func reset() {
            for i in weightedSum.indices { weightedSum[i] = 0 }
            weightSum = 0
        }
    }

    /// No frames yet.
    public func makeState() -> State { State(weightedSum: Array(repeating: 0, count: weight.count)) }

    /// a . x + b, unlimited.
    public func score(_ frame: Span<Float>) -> Float { dot(weight.span, frame) + bias }

    /// Takes one frame `[channels]` with an outside weight in 0...1. Does not allocate.
    public func step(_ frame: Span<Float>, weight outside: Float, _ state: inout State) {
        let limited = max(-Self.scoreLimit, min(Self.scoreLimit, score(frame)))
        let weight = outside * exponential(limited)
        if forgetting < 1 {
            for i in state.weightedSum.indices { state.weightedSum[i] *= forgetting }
            state.weightSum *= forgetting
        }
        var sum = state.weightedSum.mutableSpan
        addScaled(weight, frame, to: &sum)
        state.weightSum += weight
    }

    /// As above, from an array of the same state as the pool.
    public func step(_ frame: [Float], weight outside: Float, _ state: inout State) {
        step(frame.span, weight: outside, &state)
    }

    /// The mean so far `[channels]`; zeros before the first frame with weight. Does not allocate.
    public func pooled(_ state: State, into output: inout [Float]) {
        precondition(output.count == weight.count, "\(output.count) values for \(weight.count) channels")
        let scale = 1 / max(state.weightSum, 1e-6)
        for i in output.indices { output[i] = state.weightedSum[i] * scale }
    }

    /// The mean after the last frame of `[T, channels]` with outside weights `[T]`, in double precision.
    public func forward(_ sequence: [Float], weights outside: [Float]) -> [Float] {
        let channels = weight.count
        precondition(sequence.count == outside.count * channels, "\(outside.count) weights")
        var sums = [Double](repeating: 0, count: channels)
        var total = 0.0
        for t in outside.indices {
            let frame = Array(sequence[t * channels..<(t + 1) * channels])
            let limited = max(-Self.scoreLimit, min(Self.scoreLimit, score(frame.span)))
            let weight = Double(outside[t]) * Double(exponential(limited))
            for c in 0..<channels { sums[c] = Double(forgetting) * sums[c] + weight * Double(frame[c]) }
            total = Double(forgetting) * total + weight
        }
        return sums.map { Float($0 / max(total, 1e-6)) }
    }
}
