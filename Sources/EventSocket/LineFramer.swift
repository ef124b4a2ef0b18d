// SPDX-License-Identifier: Apache-2.0

/// Splits a stream of bytes into lines, for any split of the bytes into reads.
///
/// A line longer than ``maximumLength`` ends the stream: the start of the next line is unknown, and a client must
/// not make memory grow. Empty lines are skipped, a carriage return before the newline is dropped.
package struct LineFramer: Sendable {
    /// The longest request, in bytes, without its newline.
    package static let maximumLength = 4_096

    /// Result of framing.
    package enum Piece: Equatable, Sendable {
        /// One line, without its newline.
        case line([UInt8])
        /// The line is too long. Nothing follows.
        case tooLong
    }

    private var partial: [UInt8] = []
    private var isBroken = false

    /// True while a line is incomplete.
    package var isWithinLine: Bool { !partial.isEmpty }

    /// A framer at the start of a stream.
    package init() {}

    /// Adds bytes and returns the lines that they complete.
    package mutating func append(_ bytes: ArraySlice<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes
        while !isBroken, !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let head = rest[..<(end ?? rest.endIndex)]
            if partial.count + head.count > Self.maximumLength {
                isBroken = true
                partial = []
                pieces.append(.tooLong)
                break
            }
            partial.append(contentsOf: head)
            guard let end else { break }
            if let line = takeLine() { pieces.append(.line(line)) }
            rest = rest[(end + 1)...]
        }
        return pieces
    }

    /// Handles the end of the stream, which also ends the last line.
    package mutating func finish() -> Piece? {
        if isBroken { return nil }
        return takeLine().map { .line($0) }
    }

    private mutating func takeLine() -> [UInt8]? {
        defer { partial = [] }
        if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
        return partial.isEmpty ? nil : partial
    }
}
