// SPDX-License-Identifier: Apache-2.0
import StepKernels

/// The weighted mean of all frames so far, with their deviation for one kind.
///
/// For frame x and an external weight p (the speech probability):
///
///     attention   sum(w x) / sum(w)   w = p exp(clamp(a . x + b, -8, 8))
///     mean        sum(p x) / sum(p)
///     gated       sum(p g x) / sum(p)   g = sigmoid(a . x + b)
///     statistics  m = sum(w x) / sum(w) and sqrt(sum(w (x - m)^2) / sum(w)),  w = p exp(clamp(a . e + b, -8, 8))
///
/// The score of `statistics` may use another vector e than the frame; see `Pooling+Statistics.swift`.
/// The state is two running sums, so its size does not depend on the utterance's length. The clamp replaces the
/// maximum that a softmax over a known sequence would subtract. A gate is not part of the denominator: a closed gate
/// makes the result smaller, not the other frames' weights larger. With `forgetting` below 1 both sums fade by that
/// factor at each frame, so old frames lose weight.
///
/// ### References
/// Safari, Hernando 2019, arXiv:1906.07317 (self-attention pooling); Okabe, Koshinaka, Shinoda 2018, arXiv:1803.10963
/// (attentive statistics pooling); Lin, Busso 2021, IEEE Transactions on Affective
/// Computing, "Chunk-Level Speech Emotion Recognition" (mean and gated); the incremental forms follow from the formulas.
public struct Pooling: Sendable {
    /// Kind of pooling: the weight of a frame.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Weight by the exponential of a score, relative to the other frames.
        case attention
        /// Only the external weight.
        case mean
        /// Weight by the sigmoid of a score, independent of the other frames.
        case gated
        /// As attention; the pooled vector has the deviation of each channel after the means.
        case statistics
    }

    /// Kind of this pool.
    public let kind: Kind
    private let weight: [Float]
    private let bias: Float
    private let forgetting: Float
    /// Channels of a frame.
    public let channelCount: Int
    /// Values of the pooled vector: `channelCount`, and twice as many for `statistics`.
    public var outputCount: Int { kind == .statistics ? 2 * channelCount : channelCount }
    /// Values of the vector that gives a frame's score.
    var scoredCount: Int { weight.count }

    /// Scores of attention are limited to this range before the exponential.
    public static let scoreLimit: Float = 8

    /// Attention; `weight` `[channels]` and `bias` make the score, `forgetting` is 0...1, where 1 keeps all frames.
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

    /// Means, then deviations, of `channelCount` channels; `weight` and `bias` make the score from a vector of
    /// `weight.count` values.
    public static func statistics(weight: [Float], bias: Float, channelCount: Int, forgetting: Float = 1)
        -> Pooling
    {
        Pooling(.statistics, weight: weight, bias: bias, forgetting: forgetting, channelCount: channelCount)
    }

    private init(_ kind: Kind, weight: [Float], bias: Float, forgetting: Float, channelCount: Int) {
        precondition(
            channelCount > 0 && (0...1).contains(forgetting),
            "forgetting must be a factor in 0...1, not \(forgetting)"
        )
        (self.kind, self.weight, self.bias) = (kind, weight, bias)
        (self.forgetting, self.channelCount) = (forgetting, channelCount)
    }

    /// The running sums.
    public struct State: Sendable {
        fileprivate var weightedSum: [Float]
        fileprivate var weightSum: Float = 0
        var moments: Moments

        /// Overwrites every number with zero. Does not allocate.
        public mutating func reset() {
            for i in weightedSum.indices { weightedSum[i] = 0 }
            weightSum = 0
            moments.reset()
        }
    }

    /// A state without frames.
    public func makeState() -> State {
        let (plain, moments) = kind == .statistics ? (0, channelCount) : (channelCount, 0)
        return State(
            weightedSum: Array(repeating: 0, count: plain),
            moments: Moments(channelCount: moments)
        )
    }

    /// Weights of a frame in the two sums, for its external weight.
    func shares(of frame: Span<Float>, _ outside: Float) -> (frame: Float, total: Float) {
        switch kind {
        case .attention, .statistics:
            let score = dot(weight.span, frame) + bias
            let share = outside * exponential(max(-Self.scoreLimit, min(Self.scoreLimit, score)))
            return (share, share)
        case .mean: return (outside, outside)
        case .gated: return (outside * sigmoid(dot(weight.span, frame) + bias), outside)
        }
    }

    /// Adds one frame `[channels]` with an external weight in 0...1. Does not allocate.
    public func step(_ frame: Span<Float>, weight outside: Float, _ state: inout State) {
        step(frame, scoredBy: frame, weight: outside, &state)
    }

    /// Adds one frame `[channels]` whose score comes from `scored`; only `statistics` may use another vector than
    /// the frame itself. Does not allocate.
    ///
    /// - Parameter forgetting: the factor by which the sums fade at this frame, 0...1, instead of the pool's own.
    public func step(
        _ frame: Span<Float>,
        scoredBy scored: Span<Float>,
        weight outside: Float,
        _ state: inout State,
        forgetting: Float? = nil
    ) {
        let shares = shares(of: scored, outside)
        let forgetting = forgetting ?? self.forgetting
        if kind == .statistics {
            state.moments.add(frame, weight: shares.frame, forgetting: forgetting)
            return
        }
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

    /// As above, with a vector for the score, from arrays of the same state as the pool.
    public func step(
        _ frame: [Float],
        scoredBy scored: [Float],
        weight outside: Float,
        _ state: inout State,
        forgetting: Float? = nil
    ) {
        step(frame.span, scoredBy: scored.span, weight: outside, &state, forgetting: forgetting)
    }

    /// The pooled vector so far `[outputCount]`; zeros before the first frame with weight, and for deviations the
    /// square root of ``varianceFloor``. Does not allocate.
    public func pooled(_ state: State, into output: inout [Float]) {
        precondition(output.count == outputCount, "\(output.count) values for \(outputCount)")
        guard kind != .statistics else { return state.moments.write(to: &output) }
        let scale = 1 / max(state.weightSum, 1e-6)
        for i in output.indices { output[i] = state.weightedSum[i] * scale }
    }

    /// The pooled vector after the last frame of `[T, channels]` with external weights `[T]`, in double precision.
    ///
    /// - Parameter scored: for `statistics` the vectors that give the scores, if not the frames.
    public func forward(_ sequence: [Float], scoredBy scored: [Float]? = nil, weights outside: [Float])
        -> [Float]
    {
        precondition(sequence.count == outside.count * channelCount, "\(outside.count) weights")
        guard kind != .statistics else {
            return statistics(
                sequence,
                scored: scored ?? sequence,
                weights: outside,
                forgetting: Double(forgetting)
            )
        }
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
