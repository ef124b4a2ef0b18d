// SPDX-License-Identifier: Apache-2.0

/// Converts file names to text and back without loss.
///
/// Linux allows any bytes in a name; Swift's strings hold only Unicode. A byte that is not part of UTF-8 becomes the
/// private-use scalar U+EF00 plus its value, U+EF80 to U+EFFF, and so does each byte of a name that already contains such
/// a scalar. The resulting text is valid UTF-8, can be written as JSON, and converts back to the same bytes.
package enum PathText {
    private static let kept: ClosedRange<UInt32> = 0xEF80...0xEFFF

    /// True if `scalar` represents a byte.
    static func holdsByte(_ scalar: Unicode.Scalar) -> Bool { kept.contains(scalar.value) }

    /// True if the name in `text` is UTF-8.
    package static func isUTF8(_ text: String) -> Bool { !text.unicodeScalars.contains(where: holdsByte) }

    /// The name in `bytes`, without a terminating zero.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            var parser = Unicode.UTF8.ForwardParser()
            var iterator = rest.makeIterator()
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if holdsByte(scalar) {
                    keep(rest.prefix(3), in: &text)
                } else {
                    text.unicodeScalars.append(scalar)
                }
                rest = rest.dropFirst(encoded.count)
            case .error(let length):
                keep(rest.prefix(length), in: &text)
                rest = rest.dropFirst(length)
            case .emptyInput: return text
            }
        }
        return text
    }

    private static func keep(_ bytes: ArraySlice<UInt8>, in text: inout String) {
        for byte in bytes {
            if let scalar = Unicode.Scalar(0xEF00 + UInt32(byte)) { text.unicodeScalars.append(scalar) }
        }
    }

    /// The bytes of a name, without a terminating zero.
    package static func bytes(_ text: String) -> [UInt8] {
        guard text.unicodeScalars.contains(where: holdsByte) else { return Array(text.utf8) }
        return text.unicodeScalars.flatMap { scalar -> [UInt8] in
            holdsByte(scalar) ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(String(scalar).utf8)
        }
    }

    /// Calls `body` with the name as a C string. A zero byte inside the name ends it.
    package static func withPath<Result, Failure: Error>(
        _ text: String,
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let name = bytes(text).map { CChar(bitPattern: $0) } + [0]
        return try name.withUnsafeBufferPointer { buffer throws(Failure) in
            guard let base = buffer.baseAddress else {
                preconditionFailure("the name has its terminating zero")
            }
            return try body(base)
        }
    }

    /// The command line without the program's name, with every byte preserved.
    package static var arguments: [String] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { word in
                text(UnsafeBufferPointer(start: word, count: length(word)).map { UInt8(bitPattern: $0) })
            }
        }
    }

    private static func length(_ word: UnsafeMutablePointer<CChar>) -> Int {
        var count = 0
        while word[count] != 0 { count += 1 }
        return count
    }
}
