// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// The weighted mean of all frames so far.
///
/// Concretely, for frame x and an outside weight p (how likely this is speech):
///
///     attention   sum(w x) / sum(w)   w = p exp(clamp(a . x + b, -8, 8))
///     mean        sum(p x) / sum(p)
///     gated       sum(p g x) / sum(p)   g = sigmoid(a . x + b)
///
/// Two running sums are all the state, so an utterance of any length costs the same. The clamp stands in for the
/// maximum that a softmax over a known sequence would subtract. A gate is not part of the denominator: frames that it
/// closes make the result smaller, not the others larger. With `forgetting` below 1 both sums fade by that factor a
/// frame, so that old frames lose their say.
///
/// ### References
/// Safari, Hernando 2019, arXiv:1906.07317 (self-attention pooling); Lin, Busso 2021, IEEE Transactions on Affective
/// Computing, "Chunk-Level Speech Emotion Recognition" (mean and gated); the incremental forms follow from the formulas.
public struct Pooling: Sendable {
    /// How a frame says how much it matters.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// By the exponential of a score, beside those of the other frames.
        case attention
        /// It does not; only the outside weight counts.
        case mean
        /// By the sigmoid of a score, each frame for itself.
        case gated
    }

    private let kind: Kind
    private let weight: [Float]
    private let bias: Float
    private let forgetting: Float
    /// Channels of a frame.
    public let channelCount: Int

    /// Scores of attention are limited to this range before the exponential.
    public static let scoreLimit: Float = 8

    /// Attention; `weight` `[channels]` and `bias` make the score, `forgetting` is 0...1, where 1 forgets nothing.
    public static func attention(weight: [Float], bias: Float, forgetting: Float = 1) -> Pooling {
        Pooling(.attention, weight: weight, bias: bias, forgetting: forgetting, channelCount: weight.count)
    }

    /// The mean over frames of `channelCount`.
    public static func mean(channelCount: Int, forgetting: Float = 1) -> Pooling {
        Pooling(.mean, weight: [], bias: 0, forgetting: forgetting, channelCount: channelCount)
    }

    /// Gates; `weight` `[channels]` and `bias` make the score.
    public static func gated(weight: [Float], bias: Float, forgetting: Float = 1) -> Pooling {
        Pooling(.gated, weight: weight, bias: bias, forgetting: forgetting, channelCount: weight.count)
    }

    private init(_ kind: Kind, weight: [Float], bias: Float, forgetting: Float, channelCount: Int) {
        precondition(
            channelCount > 0 && (0...1).contains(forgetting),
            "forgetting is a factor, not \(forgetting)"
        )
        (self.kind, self.weight, self.bias) = (kind, weight, bias)
        (self.forgetting, self.channelCount) = (forgetting, channelCount)
    }

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
    public func makeState() -> State { State(weightedSum: Array(repeating: 0, count: channelCount)) }

    /// What a frame with the outside weight counts for in each of the two sums.
    private func shares(of frame: Span<Float>, _ outside: Float) -> (frame: Float, total: Float) {
        switch kind {
        case .attention:
            let score = dot(weight.span, frame) + bias
            let share = outside * exponential(max(-Self.scoreLimit, min(Self.scoreLimit, score)))
            return (share, share)
        case .mean: return (outside, outside)
        case .gated: return (outside * sigmoid(dot(weight.span, frame) + bias), outside)
        }
    }

    /// Takes one frame `[channels]` with an outside weight in 0...1. Does not allocate.
    public func step(_ frame: Span<Float>, weight outside: Float, _ state: inout State) {
        let shares = shares(of: frame, outside)
        if forgetting < 1 {
            for i in state.weightedSum.indices { state.weightedSum[i] *= forgetting }
            state.weightSum *= forgetting
        }
        var sum = state.weightedSum.mutableSpan
        addScaled(shares.frame, frame, to: &sum)
        state.weightSum += shares.total
    }

    /// As above, from an array of the same state as the pool.
    public func step(_ frame: [Float], weight outside: Float, _ state: inout State) {
        step(frame.span, weight: outside, &state)
    }

    /// The mean so far `[channels]`; zeros before the first frame with weight. Does not allocate.
    public func pooled(_ state: State, into output: inout [Float]) {
        precondition(output.count == channelCount, "\(output.count) values for \(channelCount) channels")
        let scale = 1 / max(state.weightSum, 1e-6)
        for i in output.indices { output[i] = state.weightedSum[i] * scale }
    }

    /// The mean after the last frame of `[T, channels]` with outside weights `[T]`, in double precision.
    public func forward(_ sequence: [Float], weights outside: [Float]) -> [Float] {
        precondition(sequence.count == outside.count * channelCount, "\(outside.count) weights")
        var sums = [Double](repeating: 0, count: channelCount)
        var total = 0.0
        for t in outside.indices {
            let frame = Array(sequence[t * channelCount..<(t + 1) * channelCount])
            let shares = shares(of: frame.span, outside[t])
            for c in sums.indices {
                sums[c] = Double(forgetting) * sums[c] + Double(shares.frame) * Double(frame[c])
            }
            total = Double(forgetting) * total + Double(shares.total)
        }
        return sums.map { Float($0 / max(total, 1e-6)) }
    }
}
