// SPDX-License-Identifier: Apache-2.0
import Glibc
import PlainText
import ServiceRuntime

/// The names in a file, one per line, with or without a byte order mark, with either line ending. If the first chunk
/// contains a zero byte, as `find -print0` writes, zero bytes end the names and no other byte is special. Empty lines
/// are skipped.
struct NameList {
    private let path: String
    private let descriptor: CInt
    private var pending: ArraySlice<UInt8> = []
    private var separator: UInt8?
    private var isEmpty = true
    private var isAtEnd = false
    private static let newline = UInt8(ascii: "\n")

    /// Opens the list; `-` is standard input.
    init(_ path: String) throws(ProgramFailure) {
        let descriptor =
            path == "-" ? STDIN_FILENO : PathText.withPath(path) { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw Self.failure(path, String(cString: strerror(errno))) }
        (self.path, self.descriptor) = (path, descriptor)
    }

    /// The next name; a failure if the list cannot be read or contains none.
    mutating func next() -> Result<String, ProgramFailure>? {
        while true {
            if let separator, let end = pending.firstIndex(of: separator) {
                let line = pending[..<end]
                pending = pending[(end + 1)...]
                if let name = name(line) { return name }
            } else if isAtEnd {
                defer { pending = [] }
                return name(pending) ?? nothing()
            } else if let failure = readMore() {
                (isAtEnd, isEmpty, pending) = (true, false, [])
                return .failure(failure)
            }
        }
    }

    private mutating func readMore() -> ProgramFailure? {
        var block = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &block, block.count)
        if count < 0 {
            return errno == EINTR
                ? nil
                : Self.failure(path, errno == EISDIR ? "it is a folder" : String(cString: strerror(errno)))
        }
        isAtEnd = count == 0
        pending += block.prefix(count)
        guard separator == nil else { return nil }
        if pending.starts(with: [0xFF, 0xFE]) || pending.starts(with: [0xFE, 0xFF]) {
            return Self.failure(path, "it is UTF-16; save it as UTF-8")
        }
        if pending.starts(with: [0xEF, 0xBB, 0xBF]) { pending = pending.dropFirst(3) }
        separator = pending.contains(0) ? 0 : pending.contains(Self.newline) ? Self.newline : nil
        return nil
    }

    private mutating func name(_ line: ArraySlice<UInt8>) -> Result<String, ProgramFailure>? {
        let hasReturn = separator != 0 && line.last == UInt8(ascii: "\r")
        let bytes = hasReturn ? line.dropLast() : line
        guard !bytes.isEmpty else { return nil }
        isEmpty = false
        return .success(PathText.text(bytes))
    }

    private mutating func nothing() -> Result<String, ProgramFailure>? {
        defer { isEmpty = false }
        return isEmpty
            ? .failure(ProgramFailure(.inputFile, "the list of files '\(path)' contains no names")) : nil
    }

    private static func failure(_ path: String, _ reason: String) -> ProgramFailure {
        ProgramFailure(.inputFile, "cannot read the list of files '\(path)': \(reason)")
    }
}
