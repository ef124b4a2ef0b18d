// SPDX-License-Identifier: Apache-2.0

/// One page of an Ogg stream, as its header describes it: RFC 3533.
struct OggPage {
    static let headerCount = 27
    /// Length in bytes, with the header.
    let byteCount: Int
    /// True for the first page of a logical stream.
    let isFirst: Bool
    /// True for the last page of a logical stream.
    let isLast: Bool

    /// Parses the header and the table after it; nil if `bytes` is not a page, or the table is incomplete.
    init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(Self.headerCount + 255))
        guard bytes.count >= Self.headerCount, bytes.starts(with: "OggS".utf8) else { return nil }
        let body = Self.headerCount + Int(bytes[26])
        guard bytes.count >= body else { return nil }
        byteCount = body + bytes[Self.headerCount..<body].reduce(0) { $0 + Int($1) }
        isFirst = bytes[5] & 2 != 0
        isLast = bytes[5] & 4 != 0
    }
}

/// Finds where one recording ends and the next begins: Ogg files may be chained, and libsndfile decodes only the first.
struct OggChain {
    private var hasBody = false

    /// Returns true if `page` begins another recording. Several first pages in a row are one recording of several streams.
    mutating func begins(_ page: OggPage) -> Bool {
        if !page.isFirst {
            hasBody = true
            return false
        }
        defer { hasBody = false }
        return hasBody
    }

    /// Byte ranges of the recordings in a file, in order; the whole file if there is only one.
    static func links(in source: some ContainerBytes, size: Int64) -> [Range<Int64>] {
        var chain = OggChain()
        var starts: [Int64] = [0]
        var place: Int64 = 0
        while place < size {
            guard let page = OggPage(source.bytes(at: place, count: OggPage.headerCount + 255)) else {
                guard let next = nextPage(in: source, after: place) else { break }
                place = next
                continue
            }
            if chain.begins(page) { starts.append(place) }
            place += Int64(page.byteCount)
        }
        return zip(starts, starts.dropFirst() + [size]).map { $0..<$1 }
    }

    /// Skips damaged bytes.
    private static func nextPage(in source: some ContainerBytes, after place: Int64) -> Int64? {
        let mark = Array("OggS".utf8)
        var start = place + 1
        while case let block = source.bytes(at: start, count: 65_536), block.count >= mark.count {
            let last = block.count - mark.count
            if let found = (0...last).first(where: { block[$0] == mark[0] && block[$0...].starts(with: mark) }
            ) {
                return start + Int64(found)
            }
            start += Int64(last + 1)
        }
        return nil
    }
}
