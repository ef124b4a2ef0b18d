// SPDX-License-Identifier: Apache-2.0
import Glibc

/// FLAC recordings that were joined into one file; the decoder stops after the first.
enum FLACChain {
    /// A stream begins with its name and a block of 34 bytes that describes it: RFC 9639.
    private static let mark: [UInt8] = Array("fLaC".utf8) + [0, 0, 0, 34]
    private static let markWithoutOther: [UInt8] = Array("fLaC".utf8) + [0x80, 0, 0, 34]

    /// Positions of all streams except the first.
    static func starts(in source: some ContainerBytes) -> [Int64] {
        var starts: [Int64] = []
        var place: Int64 = 4
        while case let block = source.bytes(at: place, count: 1 << 18), block.count >= mark.count {
            for index in places(in: block) { starts.append(place + Int64(index)) }
            place += Int64(block.count - mark.count + 1)
        }
        return starts
    }

    /// Number of bytes in the mark with which a stream begins.
    static var markCount: Int { mark.count }

    /// Positions of all marks in `block`.
    static func places(in block: [UInt8]) -> [Int] {
        block.withUnsafeBytes { bytes -> [Int] in
            guard let base = bytes.baseAddress else { return [] }
            var places: [Int] = []
            var next = 0
            while next <= bytes.count - mark.count,
                let found = memchr(base + next, CInt(mark[0]), bytes.count - mark.count + 1 - next)
            {
                next = base.distance(to: UnsafeRawPointer(found))
                let candidate = bytes[next..<next + mark.count]
                if candidate.elementsEqual(mark) || candidate.elementsEqual(markWithoutOther) {
                    places.append(next)
                }
                next += 1
            }
            return places
        }
    }
}
