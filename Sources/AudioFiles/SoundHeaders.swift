// SPDX-License-Identifier: Apache-2.0
internal import CSndfile

// Parsers for the headers of containers that keep their samples in one piece. Each reads chunks up to the sound, at most
// a thousand of them, so that a hostile header cannot keep it busy.

/// WAV and RF64: EBU Tech 3285 and 3306.
func riffRegion(_ source: some ContainerBytes) -> SoundRegion? {
    var region = SoundRegion()
    var offset: Int64 = 12
    var longLength: Int64?
    for _ in 0..<1_000 {
        let head = source.bytes(at: offset, count: 8)
        guard head.count == 8 else { return nil }
        let length = Int64(littleEndian(head, 4, 4))
        if head.starts(with: "data".utf8) {
            region.start = offset + 8
            region.lengthPlace = offset + 4
            region.alignment = 2
            region.declared = length == 0xFFFF_FFFF ? longLength ?? length : length
            return region.channelCount > 0 ? region : nil
        }
        if head.starts(with: "ds64".utf8) {
            longLength = Int64(bitPattern: littleEndian(source.bytes(at: offset + 16, count: 8), 0, 8))
        }
        if head.starts(with: "fmt ".utf8) { region.readFormat(source.bytes(at: offset + 8, count: 40)) }
        offset += 8 + length + length % 2
    }
    return nil
}

/// Sony's Wave64: GUIDs as names, 64-bit lengths that include the header, aligned to eight bytes.
func wave64Region(_ source: some ContainerBytes) -> SoundRegion? {
    var region = SoundRegion()
    var offset: Int64 = 40
    for _ in 0..<1_000 {
        let head = source.bytes(at: offset, count: 24)
        guard head.count == 24 else { return nil }
        let length = Int64(bitPattern: littleEndian(head, 16, 8))
        if head.starts(with: "data".utf8) {
            region.start = offset + 24
            region.alignment = 8
            region.declared = length &- 24
            return region.channelCount > 0 ? region : nil
        }
        if head.starts(with: "fmt ".utf8) { region.readFormat(source.bytes(at: offset + 24, count: 40)) }
        guard length >= 24, length < 1 << 40 else { return nil }
        offset += (length + 7) / 8 * 8
    }
    return nil
}

/// AIFF and AIFF-C: Apple, 1989 and 1991.
func aiffRegion(_ source: some ContainerBytes) -> SoundRegion? {
    var region = SoundRegion()
    var offset: Int64 = 12
    for _ in 0..<1_000 {
        let head = source.bytes(at: offset, count: 16)
        guard head.count >= 8 else { return nil }
        let length = Int64(bigEndian(head, 4, 4))
        if head.starts(with: "SSND".utf8), head.count == 16 {
            let skipped = Int64(bigEndian(head, 8, 4))
            region.start = offset + 16 + skipped
            region.alignment = 2
            region.declared = SoundRegion.isPlaceholder(length) ? length : length - 8 - skipped
            return region.channelCount > 0 ? region : nil
        }
        if head.starts(with: "COMM".utf8) { region.readCommon(source.bytes(at: offset + 8, count: 22)) }
        offset += 8 + length + length % 2
    }
    return nil
}

/// Sun's AU: six 32-bit words.
func auRegion(_ source: some ContainerBytes) -> SoundRegion? {
    let head = source.bytes(at: 0, count: 24)
    guard head.count == 24 else { return nil }
    let words = stride(from: 4, to: 24, by: 4).map { Int64(bigEndian(head, $0, 4)) }
    let codings: [Int64: (CInt, Int)] = [
        1: (CInt(SF_FORMAT_ULAW), 1), 2: (CInt(SF_FORMAT_PCM_S8), 1), 3: (CInt(SF_FORMAT_PCM_16), 2),
        4: (CInt(SF_FORMAT_PCM_24), 3), 5: (CInt(SF_FORMAT_PCM_32), 4), 6: (CInt(SF_FORMAT_FLOAT), 4),
        7: (CInt(SF_FORMAT_DOUBLE), 8), 27: (CInt(SF_FORMAT_ALAW), 1),
    ]
    guard words[0] >= 24, let (coding, width) = codings[words[2]] else { return nil }
    var region = SoundRegion()
    region.sampleRate = Int(words[3])
    region.channelCount = Int(words[4])
    region.setCoding(coding, width: width, isBigEndian: true)
    region.start = words[0]
    region.declared = words[1] == 0xFFFF_FFFF ? nil : words[1]
    return region
}

/// Apple's Core Audio Format.
func cafRegion(_ source: some ContainerBytes) -> SoundRegion? {
    var region = SoundRegion()
    var offset: Int64 = 8
    for _ in 0..<1_000 {
        let head = source.bytes(at: offset, count: 12)
        guard head.count == 12 else { return nil }
        let length = Int64(bitPattern: bigEndian(head, 4, 8))
        if head.starts(with: "data".utf8) {
            region.start = offset + 16
            region.declared = length < 0 ? nil : max(0, length - 4)
            return region.channelCount > 0 ? region : nil
        }
        if head.starts(with: "desc".utf8) { region.readDescription(source.bytes(at: offset + 12, count: 32)) }
        guard (0..<1 << 40).contains(length) else { return nil }
        offset += 12 + length
    }
    return nil
}

extension SoundRegion {
    mutating func setCoding(_ subtype: CInt, width: Int, isBigEndian: Bool) {
        coding = subtype | CInt(isBigEndian ? SF_ENDIAN_BIG : SF_ENDIAN_LITTLE)
        frameByteCount = width * channelCount
    }

    /// The chunk `fmt ` of WAV and its relatives.
    fileprivate mutating func readFormat(_ bytes: [UInt8]) {
        guard bytes.count >= 16 else { return }
        var tag = littleEndian(bytes, 0, 2)
        if tag == 0xFFFE, bytes.count >= 26 { tag = littleEndian(bytes, 24, 2) }
        channelCount = Int(littleEndian(bytes, 2, 2))
        sampleRate = Int(littleEndian(bytes, 4, 4))
        let width = channelCount > 0 ? Int(littleEndian(bytes, 12, 2)) / channelCount : 0
        let subtype: Int? =
            switch (tag, width) {
            case (1, 1): SF_FORMAT_PCM_U8
            case (1, 2): SF_FORMAT_PCM_16
            case (1, 3): SF_FORMAT_PCM_24
            case (1, 4): SF_FORMAT_PCM_32
            case (3, 4): SF_FORMAT_FLOAT
            case (3, 8): SF_FORMAT_DOUBLE
            case (6, 1): SF_FORMAT_ALAW
            case (7, 1): SF_FORMAT_ULAW
            default: nil
            }
        if let subtype { setCoding(CInt(subtype), width: width, isBigEndian: false) }
    }

    /// The chunk `COMM` of AIFF; the rate is an 80-bit float.
    fileprivate mutating func readCommon(_ bytes: [UInt8]) {
        guard bytes.count >= 18 else { return }
        channelCount = Int(bigEndian(bytes, 0, 2))
        let width = (Int(bigEndian(bytes, 6, 2)) + 7) / 8
        let exponent = Int(bigEndian(bytes, 8, 2) & 0x7FFF) - 16_383 - 63
        guard (-63..<0).contains(exponent) else { return channelCount = 0 }
        sampleRate = Int(bigEndian(bytes, 10, 8) >> UInt64(-exponent))
        let codec = bytes.count >= 22 ? String(decoding: bytes[18..<22], as: UTF8.self) : "NONE"
        let integers = [1: SF_FORMAT_PCM_S8, 2: SF_FORMAT_PCM_16, 3: SF_FORMAT_PCM_24, 4: SF_FORMAT_PCM_32]
        switch codec {
        case "fl32", "FL32": setCoding(CInt(SF_FORMAT_FLOAT), width: 4, isBigEndian: true)
        case "fl64", "FL64": setCoding(CInt(SF_FORMAT_DOUBLE), width: 8, isBigEndian: true)
        case "ulaw", "ULAW": setCoding(CInt(SF_FORMAT_ULAW), width: 1, isBigEndian: true)
        case "alaw", "ALAW": setCoding(CInt(SF_FORMAT_ALAW), width: 1, isBigEndian: true)
        case "ima4", "GSM ", "dwvw", "DWVW", "MAC3", "MAC6": break
        default:
            // Plain AIFF has no codec field: the next chunk follows.
            guard let subtype = integers[width] else { return }
            setCoding(CInt(subtype), width: width, isBigEndian: codec != "sowt")
        }
    }

    /// The chunk `desc` of CAF.
    fileprivate mutating func readDescription(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return }
        let rate = Double(bitPattern: bigEndian(bytes, 0, 8))
        guard rate.isFinite, (1...1e9).contains(rate) else { return }
        sampleRate = Int(rate)
        channelCount = Int(bigEndian(bytes, 24, 4))
        guard (1...1_024).contains(channelCount) else { return channelCount = 0 }
        let flags = bigEndian(bytes, 12, 4)
        let width = Int(bigEndian(bytes, 16, 4)) / channelCount
        let subtype: Int? =
            switch (String(decoding: bytes[8..<12], as: UTF8.self), flags & 1 != 0, width) {
            case ("lpcm", false, 1): SF_FORMAT_PCM_S8
            case ("lpcm", false, 2): SF_FORMAT_PCM_16
            case ("lpcm", false, 3): SF_FORMAT_PCM_24
            case ("lpcm", false, 4): SF_FORMAT_PCM_32
            case ("lpcm", true, 4): SF_FORMAT_FLOAT
            case ("lpcm", true, 8): SF_FORMAT_DOUBLE
            case ("ulaw", _, 1): SF_FORMAT_ULAW
            case ("alaw", _, 1): SF_FORMAT_ALAW
            default: nil
            }
        if let subtype { setCoding(CInt(subtype), width: width, isBigEndian: flags & 2 == 0) }
    }
}
