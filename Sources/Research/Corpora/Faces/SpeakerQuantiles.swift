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

/// Statistics of the training speakers: one for each who has enough clips, and one for everybody else.
struct BySpeaker<Statistic: Sendable>: Sendable {
    /// With fewer clips a speaker's own quantiles say more about the clips than about the face.
    static var fewestClips: Int { 8 }

    /// What holds for a speaker whom training did not meet.
    let common: Statistic
    private let own: [String: Statistic]

    /// Computes `statistic` over all training values and over those of each speaker who has enough of them.
    init<Value>(_ training: [(speaker: String, value: Value)], statistic: ([Value]) -> Statistic) {
        common = statistic(training.map(\.value))
        own = Dictionary(grouping: training, by: \.speaker)
            .filter { $0.value.count >= Self.fewestClips }
            .mapValues { statistic($0.map(\.value)) }
    }

    subscript(speaker: String) -> Statistic { own[speaker] ?? common }
}
