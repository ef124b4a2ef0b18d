// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// A table of comma-separated values, parsed strictly (RFC 4180, UTF-8).
///
/// The first line names the columns. A line with another number of fields, an unclosed quote and a duplicate column
/// are errors that name file and line, because a shifted column would silently train on wrong labels.
public struct CSVTable: Sendable {
    /// One record and the line on which it began, counted from 1.
    public struct Row: Sendable {
        /// The line of the file on which the record began, counted from 1.
        public let line: Int
        let fields: [String]
    }

    /// Name of the file in errors.
    public let file: String
    /// Names of the columns, in the order of the file.
    public let columns: [String]
    /// All records.
    public let rows: [Row]
    private let position: [String: Int]

    /// Reads the table in `file`.
    public init(file: URL) throws(CorporaError) {
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw .unreadable(path: file.path, reason: reason(error))
        }
        try self.init(text: data, file: file.path)
    }

    /// Parses a table from its bytes; `file` is its name in errors.
    public init(text: some Sequence<UInt8>, file: String) throws(CorporaError) {
        var scanner = CSVScanner(bytes: Array(text), file: file)
        guard let header = try scanner.next() else {
            throw .malformed(
                file: file,
                line: 1,
                problem: "the table is empty; its first line must name the columns"
            )
        }
        if let separator = Self.foreignSeparator(in: header.fields) {
            throw .malformed(
                file: file,
                line: 1,
                problem:
                    "the fields are separated by \(separator), but must be separated by commas; save the table "
                    + "as comma-separated values"
            )
        }
        var rows: [Row] = []
        while let row = try scanner.next() {
            guard row.fields.count == header.fields.count else {
                throw .malformed(
                    file: file,
                    line: row.line,
                    problem: "\(row.fields.count) fields where the header has \(header.fields.count)"
                )
            }
            rows.append(row)
        }
        var position: [String: Int] = [:]
        for (index, name) in header.fields.enumerated() where position.updateValue(index, forKey: name) != nil
        {
            throw .malformed(file: file, line: 1, problem: "the column '\(name)' appears twice")
        }
        (self.file, columns, self.rows, self.position) = (file, header.fields, rows, position)
    }

    /// The separator of a header whose only field contains what spreadsheets write between fields in many countries.
    private static func foreignSeparator(in header: [String]) -> String? {
        guard header.count == 1, let line = header.first else { return nil }
        let separators: [(Character, String)] = [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
        return separators.first { line.contains($0.0) }?.1
    }

    /// Throws if a column of `required` is missing or a column is in neither `required` nor `optional`.
    public func requireColumns(_ required: [String], optional: [String]) throws(CorporaError) {
        for name in required where position[name] == nil {
            throw .malformed(file: file, line: 1, problem: "the column '\(name)' is missing")
        }
        for name in columns where !required.contains(name) && !optional.contains(name) {
            throw .malformed(
                file: file,
                line: 1,
                problem:
                    "unknown column '\(name)'; known are \((required + optional).joined(separator: ", "))"
            )
        }
    }

    /// The field of `row` in the column `name`; nil if the column is missing or the field empty.
    public func value(_ name: String, in row: Row) -> String? {
        guard let index = position[name], !row.fields[index].isEmpty else { return nil }
        return row.fields[index]
    }

    /// Creates an error for the line of `row`.
    public func problem(_ text: String, in row: Row) -> CorporaError {
        .malformed(file: file, line: row.line, problem: text)
    }
}

/// Splits bytes into records; quoted fields may contain commas, line ends and doubled quotes.
private struct CSVScanner {
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let bytes: [UInt8]
    private let file: String
    private var index: Int
    private var line = 1

    init(bytes: [UInt8], file: String) {
        (self.bytes, self.file) = (bytes, file)
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next record that is not an empty line; nil at the end.
    mutating func next() throws(CorporaError) -> CSVTable.Row? {
        while index < bytes.count {
            let start = line
            var fields: [String] = []
            repeat { fields.append(try field()) } while takeComma()
            endLine()
            if fields != [""] { return CSVTable.Row(line: start, fields: fields) }
        }
        return nil
    }

    private mutating func field() throws(CorporaError) -> String {
        var content: [UInt8] = []
        if index < bytes.count, bytes[index] == Self.quote {
            content = try quoted()
        } else {
            while index < bytes.count,
                ![Self.comma, Self.newline, Self.carriageReturn].contains(bytes[index])
            {
                content.append(bytes[index])
                index += 1
            }
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw .malformed(file: file, line: line, problem: "the text is not valid UTF-8")
        }
        return text
    }

    private mutating func quoted() throws(CorporaError) -> [UInt8] {
        let start = line
        var content: [UInt8] = []
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == Self.newline { line += 1 }
            if byte != Self.quote {
                content.append(byte)
            } else if index < bytes.count, bytes[index] == Self.quote {
                content.append(byte)
                index += 1
            } else {
                return content
            }
        }
        throw .malformed(file: file, line: start, problem: "a quote opens here and never closes")
    }

    private mutating func takeComma() -> Bool {
        guard index < bytes.count, bytes[index] == Self.comma else { return false }
        index += 1
        return true
    }

    private mutating func endLine() {
        if index < bytes.count, bytes[index] == Self.carriageReturn { index += 1 }
        if index < bytes.count, bytes[index] == Self.newline { index += 1 }
        line += 1
    }
}

/// The short reason of a Foundation error, without the path, which the message already names.
package func reason(_ error: any Error) -> String {
    let cocoa = error as NSError
    if let code = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError, code.domain == NSPOSIXErrorDomain {
        return String(cString: strerror(Int32(code.code)))
    }
    if cocoa.domain == NSCocoaErrorDomain, cocoa.code == CocoaError.fileReadNoSuchFile.rawValue {
        return String(cString: strerror(ENOENT))
    }
    return cocoa.localizedDescription
}
