// SPDX-License-Identifier: Apache-2.0

/// Distribution of the latencies of lines.
public struct LatencyHistogram: Sendable, Equatable {
    /// One range of latencies.
    public struct Bin: Sendable, Equatable {
        /// Upper limit in milliseconds, exclusive; infinite for the last bin.
        public let belowMilliseconds: Double
        /// Number of lines in the bin.
        public let count: Int
    }

    private static let edges: [Double] = [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, .infinity]
    private let sorted: [Double]

    /// A histogram of these values in milliseconds; nil for none.
    public init?(milliseconds: [Double]) {
        guard !milliseconds.isEmpty else { return nil }
        sorted = milliseconds.sorted()
    }

    /// Number of all lines.
    public var count: Int { sorted.count }
    /// The largest value, milliseconds.
    public var maximum: Double { sorted.last ?? 0 }

    /// The value below which `share` (0...1) of all lie, milliseconds.
    public func percentile(_ share: Double) -> Double { sorted.share(share) }

    /// All ranges from the first to the last that has a line in it.
    public var bins: [Bin] {
        var below = -Double.infinity
        let bins = Self.edges.map { edge in
            defer { below = edge }
            return Bin(belowMilliseconds: edge, count: sorted.count { below <= $0 && $0 < edge })
        }
        guard let first = bins.firstIndex(where: { $0.count > 0 }),
            let last = bins.lastIndex(where: { $0.count > 0 })
        else { return [] }
        return Array(bins[first...last])
    }
}

/// Checks that lines arrive soon enough.
enum LatencyCheck {
    static func finding(_ latency: LatencyHistogram?) -> Finding {
        let looked = "from the last sample of a hop to its line at a client"
        guard let latency else {
            return Finding(
                "latency",
                at: looked,
                .fail,
                seen: "no line arrived",
                remedy: StreamingCheck.report
            )
        }
        let seen =
            "p50 \(tenths(latency.percentile(0.5))) ms, p95 \(tenths(latency.percentile(0.95))) ms, "
            + "p99 \(tenths(latency.percentile(0.99))) ms, max \(tenths(latency.maximum)) ms, "
            + "\(latency.count) lines"
        let remedy = "the machine is busy; close other programs"
        return switch latency.percentile(0.99) {
        case ..<100: Finding("latency", at: looked, .ok, seen: seen)
        case ..<1_000: Finding("latency", at: looked, .warn, seen: seen, remedy: remedy)
        default: Finding("latency", at: looked, .fail, seen: seen, remedy: remedy)
        }
    }
}
