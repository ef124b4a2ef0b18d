// SPDX-License-Identifier: Apache-2.0

/// Emulator of a terminal, with the functions that our programs need.
///
/// It stores unknown sequences in ``unknown``, so that a test can fail on them.
public struct TerminalScreen: Sendable {
    /// Columns of the window.
    public private(set) var columnCount: Int
    /// Rows of the window.
    public private(set) var rowCount: Int
    /// Sequences that this emulator does not understand.
    public private(set) var unknown: [String] = []
    /// True if the program uses the second screen now.
    public private(set) var isSecondScreen = false
    /// True if the cursor is shown.
    public private(set) var isCursorShown = true
    /// True if any text was coloured or emphasised.
    public private(set) var usedStyles = false
    /// Characters that were written beyond the right edge.
    public private(set) var overflow = 0

    private var cells: [[String]]
    private var row = 0
    private var column = 0
    private var pending = ""
    private let isWide: @Sendable (Character) -> Bool

    /// Creates a blank window.
    ///
    /// - Parameter isWide: true for characters that take two columns.
    public init(columns: Int, rows: Int, isWide: @escaping @Sendable (Character) -> Bool = { _ in false }) {
        (columnCount, rowCount) = (columns, rows)
        cells = Self.blank(columns, rows)
        self.isWide = isWide
    }

    /// Rows as text, without trailing blanks.
    public var text: [String] {
        cells.map { row in
            var text = row.joined()
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
    }

    /// Changes the size of the window; its content is undefined until the program draws again.
    public mutating func resize(columns: Int, rows: Int) {
        (columnCount, rowCount) = (columns, rows)
        cells = Self.blank(columns, rows)
        (row, column) = (0, 0)
    }

    /// Processes the next piece of output, which may end anywhere.
    public mutating func write(_ text: String) {
        var rest = Substring(pending + text)
        pending = ""
        while let character = rest.first {
            if character == "\u{1B}" {
                guard let end = rest.dropFirst(2).firstIndex(where: { $0.isLetter }) else {
                    pending = String(rest)
                    return
                }
                obey(String(rest[...end]))
                rest = rest[rest.index(after: end)...]
            } else {
                put(character)
                rest = rest.dropFirst()
            }
        }
    }

    private static func blank(_ columns: Int, _ rows: Int) -> [[String]] {
        Array(repeating: Array(repeating: " ", count: columns), count: rows)
    }

    private mutating func put(_ character: Character) {
        switch character {
        case "\n": row = min(rowCount - 1, row + 1)
        case "\r": column = 0
        case "\r\n": (row, column) = (min(rowCount - 1, row + 1), 0)
        default:
            let width = isWide(character) ? 2 : 1
            guard column + width <= columnCount else {
                overflow += 1
                return
            }
            cells[row][column] = String(character)
            if width == 2 { cells[row][column + 1] = "" }
            column += width
        }
    }

    private mutating func obey(_ sequence: String) {
        let body = sequence.dropFirst(2).dropLast()
        let numbers = body.split(separator: ";").map { Int($0) ?? 0 }
        switch (sequence.last, body) {
        case ("H", _):
            row = min(rowCount, max(1, numbers.first ?? 1)) - 1
            column = min(columnCount, max(1, numbers.count > 1 ? numbers[1] : 1)) - 1
        case ("J", "2"): cells = Self.blank(columnCount, rowCount)
        case ("m", _): usedStyles = true
        case ("h", "?1049"), ("l", "?1049"): isSecondScreen = sequence.last == "h"
        case ("h", "?25"), ("l", "?25"): isCursorShown = sequence.last == "h"
        case ("h", "?7"), ("l", "?7"): break
        default: unknown.append(sequence)
        }
    }
}
