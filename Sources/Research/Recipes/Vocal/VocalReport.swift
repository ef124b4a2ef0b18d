// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Accuracy for sounds without words, on people and recordings that the head was not trained on.
public struct VocalReport: Codable, Sendable {
    /// One kind, counted in recordings: one is named a kind if any of its sounds is.
    public struct Kind: Codable, Sendable {
        /// Its name.
        public let name: String
        /// Recordings of the kind.
        public let count: Int
        /// Recordings that were named so.
        public let named: Int
        /// Those among them that are of the kind.
        public let right: Int

        /// Share of the recordings named so that are of the kind; nil if none was named.
        public var precision: Double? { named > 0 ? Double(right) / Double(named) : nil }
        /// Share of the recordings of the kind that were named so.
        public var recall: Double { Double(right) / Double(max(1, count)) }
    }

    /// All kinds, in the order of the recipe.
    public let kinds: [Kind]
    /// Recordings of anything else.
    public let others: Int
    /// Probability from which a kind is named.
    public let threshold: Float
    /// The kinds that the stream reports; nil for all.
    public let reported: [String]?

    /// The table for people.
    public var markdown: String {
        let rows = kinds.map { kind in
            let precision = kind.precision.map { String(format: "%.2f", $0) } ?? "-"
            return "| \(kind.name) | \(kind.count) | \(kind.named) | \(precision) | "
                + String(format: "%.2f", kind.recall) + " |"
        }
        return """
            Sounds without words, five parts by person or recording, named from a probability of \(threshold) on, among \
            \(others) recordings of anything else:

            | kind | recordings | named so | precision | recall |
            |---|---|---|---|---|
            \(rows.joined(separator: "\n"))

            """ + (reported.map { "Reported: \($0.joined(separator: ", ")).\n" } ?? "")
    }
}
