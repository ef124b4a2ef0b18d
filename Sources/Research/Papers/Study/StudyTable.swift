// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes

/// A table of results.
public struct StudyTable: Codable, Hashable, Sendable {
    /// Title of the table.
    public let title: String
    /// The head of each column.
    public let columns: [String]
    /// A cell for each column.
    public let rows: [[String]]
    /// Notes about the method and its limits, one sentence each.
    public let notes: [String]

    /// Each parameter sets the property of its name.
    public init(title: String, columns: [String], rows: [[String]], notes: [String]) {
        (self.title, self.columns, self.rows, self.notes) = (title, columns, rows, notes)
    }

    /// The table as Markdown.
    public var markdown: String {
        let lines = [columns, columns.map { _ in "---" }] + rows
        let table = lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
        return "## \(title)\n\n\(table)\n\n\(notes.joined(separator: " "))\n"
    }
}

/// A figure with three digits after the point.
func figure(_ value: Double) -> String { String(format: "%.3f", value) }

/// Mean and standard deviation.
func spreadOf(_ values: [Double]) -> String { "\(figure(mean(values))) ± \(figure(spread(values)))" }
