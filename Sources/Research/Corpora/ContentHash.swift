// SPDX-License-Identifier: Apache-2.0

/// A 64-bit checksum that detects every change of a single byte and takes a fraction of the time to read a file.
///
/// It protects against damage and accidents, not against deliberate collisions.
/// Reference: Y. Collet, "xxHash", the algorithm XXH64 with seed 0.
package struct ContentHash {
    private var lanes: (UInt64, UInt64, UInt64, UInt64)
    private var tail: [UInt8] = []
    private var byteCount: UInt64 = 0

    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
    private static let stripe = 32

    /// Starts a checksum of no bytes.
    package init() {
        lanes = (Self.prime1 &+ Self.prime2, Self.prime2, 0, 0 &- Self.prime1)
        tail.reserveCapacity(Self.stripe)
    }

    /// The checksum of `bytes`.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = ContentHash()
        hash.add(bytes)
        return hash.value
    }

    /// The checksum of the UTF-8 of `text`, as 16 hexadecimal digits.
    package static func digits(of text: String) -> String {
        digits(Array(text.utf8).withUnsafeBytes(of))
    }

    /// A checksum as 16 hexadecimal digits.
    package static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Adds the next bytes; the result does not depend on how they are split between calls.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        byteCount &+= UInt64(bytes.count)
        var start = 0
        if !tail.isEmpty {
            start = min(bytes.count, Self.stripe - tail.count)
            tail += bytes[..<start]
            guard tail.count == Self.stripe else { return }
            let whole = tail
            tail.removeAll(keepingCapacity: true)
            whole.withUnsafeBytes { takeStripes($0) }
        }
        let end = start + (bytes.count - start) / Self.stripe * Self.stripe
        takeStripes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        tail += bytes[end...]
    }

    private mutating func takeStripes(_ bytes: UnsafeRawBufferPointer) {
        var (first, second, third, fourth) = lanes
        for place in stride(from: 0, to: bytes.count, by: Self.stripe) {
            first = Self.round(first, Self.word(bytes, place))
            second = Self.round(second, Self.word(bytes, place + 8))
            third = Self.round(third, Self.word(bytes, place + 16))
            fourth = Self.round(fourth, Self.word(bytes, place + 24))
        }
        lanes = (first, second, third, fourth)
    }

    /// Checksum of all bytes so far.
    package var value: UInt64 {
        var sum = byteCount < UInt64(Self.stripe) ? Self.prime5 : merged
        sum &+= byteCount
        tail.withUnsafeBytes { tail in
            var place = 0
            while place + 8 <= tail.count {
                sum = Self.rotated(sum ^ Self.round(0, Self.word(tail, place)), 27)
                sum = sum &* Self.prime1 &+ Self.prime4
                place += 8
            }
            if place + 4 <= tail.count {
                let half = UInt64(
                    UInt32(littleEndian: tail.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                )
                sum = Self.rotated(sum ^ half &* Self.prime1, 23) &* Self.prime2 &+ Self.prime3
                place += 4
            }
            for byte in tail[place...] {
                sum = Self.rotated(sum ^ UInt64(byte) &* Self.prime5, 11) &* Self.prime1
            }
        }
        return Self.scattered(sum)
    }

    private var merged: UInt64 {
        var sum =
            Self.rotated(lanes.0, 1) &+ Self.rotated(lanes.1, 7) &+ Self.rotated(lanes.2, 12)
            &+ Self.rotated(lanes.3, 18)
        for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
            sum = (sum ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
        }
        return sum
    }

    private static func scattered(_ sum: UInt64) -> UInt64 {
        var sum = (sum ^ sum >> 33) &* prime2
        sum = (sum ^ sum >> 29) &* prime3
        return sum ^ sum >> 32
    }

    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotated(lane &+ word &* prime2, 31) &* prime1
    }

    private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 {
        word &<< count | word &>> (64 - count)
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
}
