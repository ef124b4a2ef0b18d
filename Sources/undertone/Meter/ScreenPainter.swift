// SPDX-License-Identifier: Apache-2.0

/// Changes a terminal from one screen to the next with few bytes: only cells that changed are written.
///
/// Pure: returns the bytes to the caller. Reference: ECMA-48, cursor position (CUP), erase (ED), graphic rendition
/// (SGR).
public struct ScreenPainter: Sendable {
    /// Moving the cursor costs about as many bytes as writing this many unchanged cells.
    private static let shortestSkip = 6

    private let hasColor: Bool
    private var shown: Screen?

    /// A painter for an empty terminal.
    ///
    /// - Parameter hasColor: false to use neither colours nor bold.
    public init(hasColor: Bool) { self.hasColor = hasColor }

    /// Forgets the terminal's contents; call it when another program wrote to it or its size changed.
    public mutating func forget() { shown = nil }

    /// The text to write so that the terminal shows `screen`; empty if it already does.
    public mutating func paint(_ screen: Screen) -> String {
        let isSameSize =
            shown?.columnCount == screen.columnCount && shown?.rows.count == screen.rows.count
        let before =
            isSameSize ? shown : nil
        var text = before == nil ? "\u{1B}[2J" : ""
        let blank = [Cell](repeating: .blank, count: screen.columnCount)
        for (index, row) in screen.rows.enumerated() {
            let old = before?.rows[index] ?? blank
            for run in Self.runs(from: old, to: row) { text += self.text(of: row, run, at: index) }
        }
        shown = screen
        return text
    }

    /// Columns in which the rows differ. A run never begins or ends inside a wide character.
    private static func runs(from old: [Cell], to new: [Cell]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for column in new.indices where old[column] != new[column] {
            var start = column
            while start > 0, new[start].character == nil { start -= 1 }
            var end = column + 1
            while end < new.count, new[end].character == nil { end += 1 }
            if let last = runs.last, start - last.upperBound < shortestSkip {
                runs[runs.count - 1] = last.lowerBound..<max(end, last.upperBound)
            } else {
                runs.append(start..<end)
            }
        }
        return runs
    }

    private func text(of row: [Cell], _ run: Range<Int>, at index: Int) -> String {
        var text = "\u{1B}[\(index + 1);\(run.lowerBound + 1)H"
        var style = TextStyle.plain
        for cell in row[run] {
            guard let character = cell.character else { continue }
            if hasColor, cell.style != style {
                style = cell.style
                text += style.sequence
            }
            text.append(character)
        }
        return style == .plain ? text : text + TextStyle.plain.sequence
    }
}

extension TextStyle {
    fileprivate var sequence: String {
        switch self {
        case .plain: "\u{1B}[0m"
        case .dim: "\u{1B}[0;2m"
        case .bold: "\u{1B}[0;1m"
        case .good: "\u{1B}[0;32m"
        case .warning: "\u{1B}[0;33m"
        case .alarm: "\u{1B}[0;1;31m"
        }
    }
}
