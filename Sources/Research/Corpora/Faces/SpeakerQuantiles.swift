// SPDX-License-Identifier: Apache-2.0

/// Quantiles of the finite numbers in `values`, by linear interpolation between order statistics (Hyndman & Fan 1996,
/// type 7, which is also NumPy's). Empty if there is no finite number.
func quantiles(_ shares: [Double], of values: some Sequence<Double>) -> [Double] {
    let sorted = values.filter(\.isFinite).sorted()
    guard let last = sorted.indices.last else { return [] }
    return shares.map { share in
        let position = share * Double(last)
        let below = Int(position)
        let above = min(below + 1, last)
        return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
}

/// Statistics of the training speakers: one for each with enough clips, and a common one for all others.
struct BySpeaker<Statistic: Sendable>: Sendable {
    /// With fewer clips a speaker's own quantiles depend more on the clips than on the face.
    static var fewestClips: Int { 8 }

    /// The statistic for speakers outside the training data.
    let common: Statistic
    private let own: [String: Statistic]

    /// Computes `statistic` over all training values and over those of each speaker with enough of them.
    init<Value>(_ training: [(speaker: String, value: Value)], statistic: ([Value]) -> Statistic) {
        common = statistic(training.map(\.value))
        own = Dictionary(grouping: training, by: \.speaker)
            .filter { $0.value.count >= Self.fewestClips }
            .mapValues { statistic($0.map(\.value)) }
    }

    subscript(speaker: String) -> Statistic { own[speaker] ?? common }
}
