// SPDX-License-Identifier: Apache-2.0

/// Style of a piece of text.
public enum TextStyle: Sendable, CaseIterable {
    case plain, dim, bold, good, warning, alarm
}

/// One column of one row. A wide character fills a cell, and the one after it is empty.
public struct Cell: Sendable, Equatable {
    /// The character; nil in the second half of a wide one.
    public var character: Character?
    /// Its style.
    public var style: TextStyle

    static let blank = Cell(character: " ", style: .plain)
}

/// Contents of a terminal: rows of cells, all as wide as the terminal.
public struct Screen: Sendable, Equatable {
    /// Columns, at least 1.
    public let columnCount: Int
    /// Rows, top to bottom.
    public let rows: [[Cell]]

    /// A screen with these lines; blank below them. Lines that do not fit are left out.
    init(columnCount: Int, rowCount: Int, lines: [Line]) {
        self.columnCount = columnCount
        let blank = [Cell](repeating: .blank, count: columnCount)
        rows = (0..<rowCount).map { index in
            index < lines.count ? Array((lines[index].cells + blank).prefix(columnCount)) : blank
        }
    }

    /// The rows as text, without trailing spaces.
    public var text: [String] {
        rows.map { row in
            var text = String(row.compactMap(\.character))
            while text.hasSuffix(" ") { text.removeLast() }
            return text
        }
    }
}

/// A row under construction: text is added until the width is used up, the rest is cut.
struct Line: Sendable {
    private(set) var cells: [Cell] = []
    let width: Int

    init(width: Int) { self.width = width }

    var room: Int { width - cells.count }

    /// Adds `text`. Control characters become `?`, since names of devices come from outside.
    mutating func add(_ text: String, _ style: TextStyle = .plain) {
        for character in text {
            let shown = character.isControl ? "?" : character
            let columns = shown.columnCount
            // A combining mark without its letter would shift everything after it.
            if columns == 0 { continue }
            guard columns <= room else { return fill() }
            cells.append(Cell(character: shown, style: style))
            if columns == 2 { cells.append(Cell(character: nil, style: style)) }
        }
    }

    /// Adds `text` in a field of `columns`, padded on the right, or on the left for numbers.
    mutating func add(_ text: String, columns: Int, isNumber: Bool = false, _ style: TextStyle = .plain) {
        var field = Line(width: min(columns, room))
        field.add(text, style)
        let blanks = [Cell](repeating: .blank, count: field.room)
        cells += isNumber ? blanks + field.cells : field.cells + blanks
    }

    /// Fills the row: a wide character that no longer fits must not be followed by a narrow one.
    private mutating func fill() { cells += [Cell](repeating: .blank, count: room) }
}
