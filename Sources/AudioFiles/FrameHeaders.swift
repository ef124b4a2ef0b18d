// SPDX-License-Identifier: Apache-2.0

/// The header of one MPEG audio frame: ISO/IEC 11172-3 and 13818-3.
struct MPEGFrame {
    /// Distance to the next frame, in bytes.
    let byteCount: Int
    /// The header fields that all frames of a stream share: version, layer, rate.
    let kind: [UInt8]

    private static let kilobits: [[Int]] = [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] >= 0xE0 else { return nil }
        let (version, layer) = (bytes[1] >> 3 & 3, 4 - Int(bytes[1] >> 1 & 3))
        let (rateIndex, speed) = (Int(bytes[2] >> 2 & 3), Int(bytes[2] >> 4))
        guard version != 1, layer < 4, rateIndex < 3, (1...14).contains(speed) else { return nil }
        let isFirst = version == 3
        let rate = [44_100, 48_000, 32_000][rateIndex] >> (isFirst ? 0 : version == 2 ? 1 : 2)
        let bits = Self.kilobits[isFirst ? layer - 1 : layer == 1 ? 3 : 4][speed] * 1_000
        let padding = Int(bytes[2] >> 1 & 1)
        byteCount =
            layer == 1
            ? (12 * bits / rate + padding) * 4 : (layer == 3 && !isFirst ? 72 : 144) * bits / rate + padding
        kind = [bytes[1] & 0xFE, bytes[2] & 0x0C]
    }

    /// True if three frames follow one another, or all that there are: a single match may be raw PCM.
    static func repeats(in source: some ContainerBytes) -> Bool {
        var offset: Int64 = 0
        var kind: [UInt8]?
        for _ in 0..<3 {
            let bytes = source.bytes(at: offset, count: 4)
            if bytes.isEmpty, kind != nil { return true }
            guard let frame = MPEGFrame(bytes), kind == nil || kind == frame.kind else { return false }
            kind = frame.kind
            offset += Int64(frame.byteCount)
        }
        return true
    }

    /// Frame count from a Xing, Info or VBRI header, after an ID3 tag or not. Nil without such a header, as in an MP3 that was
    /// written to a pipe; libsndfile can only guess its length.
    static func length(in source: some ContainerBytes) -> (
        frames: Int64?, bytes: Int64?, mark: Int64, start: Int64
    )? {
        let offset = tagLength(source.bytes(at: 0, count: 10)) ?? 0
        let frame = source.bytes(at: offset, count: 1_024)
        for mark in ["Xing", "Info"] {
            guard let place = firstPlace(of: mark, in: frame), place + 16 <= frame.count else { continue }
            let flags = frame[place + 7]
            let counts = [UInt8](frame[(place + 8)...])
            let frames = flags & 1 != 0 ? Int64(bigEndian(counts, 0, 4)) : nil
            let bytes = flags & 2 != 0 ? Int64(bigEndian(counts, flags & 1 != 0 ? 4 : 0, 4)) : nil
            return (frames == 0 ? nil : frames, bytes == 0 ? nil : bytes, offset + Int64(place), offset)
        }
        guard let place = firstPlace(of: "VBRI", in: frame), place + 18 <= frame.count else { return nil }
        return (
            Int64(bigEndian(frame, place + 14, 4)), Int64(bigEndian(frame, place + 10, 4)),
            offset + Int64(place), offset
        )
    }

    /// Length of the ID3 tag that begins with `head`; nil if it is not a tag.
    static func tagLength(_ head: [UInt8]) -> Int64? {
        guard head.starts(with: "ID3".utf8), head.count >= 10 else { return nil }
        return 10 + head[6...9].reduce(0) { $0 << 7 | Int64($1 & 0x7F) }
    }

    private static func firstPlace(of mark: String, in bytes: [UInt8]) -> Int? {
        let mark = Array(mark.utf8)
        return bytes.indices.dropLast(min(bytes.count, mark.count - 1)).first {
            bytes[$0...].starts(with: mark)
        }
    }
}

/// The header of one frame of AAC in ADTS: ISO/IEC 13818-7.
enum ADTSFrame {
    static func repeats(in source: some ContainerBytes) -> Bool {
        var offset: Int64 = 0
        for index in 0..<3 {
            let bytes = source.bytes(at: offset, count: 7)
            if bytes.isEmpty, index > 0 { return true }
            guard bytes.count == 7, bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0 else { return false }
            let count = Int64(bytes[3] & 3) << 11 | Int64(bytes[4]) << 3 | Int64(bytes[5] >> 5)
            guard count >= 7 else { return false }
            offset += count
        }
        return true
    }
}

extension MPEGFrame {
    /// True if frames continue within a few kilobytes of `place`, possibly after a tag.
    static func follows(in source: some ContainerBytes, around place: Int64) -> Bool {
        let start = max(0, place - 2_048)
        let block = source.bytes(at: start, count: 6_144)
        return block.indices.dropLast(4).contains { index in
            guard let frame = MPEGFrame([UInt8](block[index..<index + 4])), start + Int64(index) >= place
            else {
                return false
            }
            let next = source.bytes(at: start + Int64(index + frame.byteCount), count: 4)
            return MPEGFrame(next)?.kind == frame.kind
        }
    }
}
