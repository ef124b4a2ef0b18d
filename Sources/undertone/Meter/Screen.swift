// SPDX-License-Identifier: Apache-2.0

/// How a piece of text stands out.
public enum TextStyle: Sendable, CaseIterable {
    case plain, dim, bold, good, warning, alarm
}

/// One column of one row. A wide character fills a cell, and the one after it is empty.
public struct Cell: Sendable, Equatable {
    /// What stands there; nil in the second half of a wide character.
    public var character: Character?
    /// How it stands out.
    public var style: TextStyle

    static let blank = Cell(character: " ", style: .plain)
}

/// What a terminal shall show: rows of cells, all as wide as the terminal.
public struct Screen: Sendable, Equatable {
    /// Columns, at least 1.
    public let columnCount: Int
    /// Top to bottom.
    public let rows: [[Cell]]

    /// A screen with these lines; blank below them. Lines that do not fit are left out.
    init(columnCount: Int, rowCount: Int, lines: [Line]) {
        self.columnCount = columnCount
        let blank = [Cell](repeating: .blank, count: columnCount)
        rows = (0..<rowCount).map { index in
            index < lines.count ? Array((lines[index].cells + blank).prefix(columnCount)) : blank
        }
    }

    /// The rows as text, blanks at their ends left out.
    public var text: [String] {
        rows.map { row in
            var text = String(row.compactMap(\.character))
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
    }
}

/// A row in the making: text is added until the width is used up, the rest is cut.
struct Line: Sendable {
    private(set) var cells: [Cell] = []
    let width: Int

    init(width: Int) { self.width = width }

    var room: Int { width - cells.count }

    /// Adds `text`. Characters that a terminal would obey become `?`: names of devices come from outside.
    mutating func add(_ text: String, _ style: TextStyle = .plain) {
        for character in text {
            let shown = character.isControl ? "?" : character
            let columns = shown.columnCount
            // A mark without a letter to stand on would move everything after it.
            if columns == 0 { continue }
            guard columns <= room else { return fill() }
            cells.append(Cell(character: shown, style: style))
            if columns == 2 { cells.append(Cell(character: nil, style: style)) }
        }
    }

    /// Adds `text` in a field of `columns`, filled up on the right, or on the left for numbers.
    mutating func add(_ text: String, columns: Int, isNumber: Bool = false, _ style: TextStyle = .plain) {
        var field = Line(width: min(columns, room))
        field.add(text, style)
        let blanks = [Cell](repeating: .blank, count: field.room)
        cells += isNumber ? blanks + field.cells : field.cells + blanks
    }

    /// A wide character that no longer fits must not be followed by a narrow one.
    private mutating func fill() { cells += [Cell](repeating: .blank, count: room) }
}
