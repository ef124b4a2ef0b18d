// SPDX-License-Identifier: Apache-2.0
internal import CSndfile

/// The position of the samples in a container that keeps them in one piece, and their format and length in the header.
///
/// A program that writes into a pipe, or is killed, leaves a wrong length. So the real length is determined here, and if
/// the header is wrong, the samples are read without it.
struct SoundRegion {
    var sampleRate = 0
    var channelCount = 0
    /// libsndfile's subtype with its byte order; nil for a codec that needs its header.
    var coding: CInt?
    var frameByteCount = 0
    /// Offset of the first byte of the samples.
    var start: Int64 = 0
    /// Bytes of samples according to the header; nil if it gives no length.
    var declared: Int64?
    /// Alignment of chunks, in bytes.
    var alignment: Int64 = 1
    /// Offset of the 32-bit lengths of a WAV file, which are corrected for a codec that needs its header.
    var lengthPlace: Int64?

    /// Recognises the length that programs write for streams: 0, or about the largest value of 31, 32 or 63 bits.
    static func isPlaceholder(_ length: Int64) -> Bool {
        length <= 0 || (0x7FFF_0000...0x8000_0000).contains(length)
            || (0xFFFF_0000...0xFFFF_FFFF).contains(length)
            || length >= 1 << 60
    }

    /// Parses the header in `source`; nil if `container` is of another kind or the header is invalid.
    init?(_ container: AudioContainer, in source: some ContainerBytes) {
        let found: SoundRegion? =
            switch container {
            case .wav, .rf64: riffRegion(source)
            case .wave64: wave64Region(source)
            case .aiff: aiffRegion(source)
            case .au: auRegion(source)
            case .caf: cafRegion(source)
            default: nil
            }
        guard let found, (1...1_024).contains(found.channelCount) else { return nil }
        self = found
    }

    init() {}

    /// Bytes of samples in the file, and true if the header declares more.
    func extent(in source: some ContainerBytes) -> (length: Int64, isTruncated: Bool) {
        let rest = max(0, (source.size ?? start) - start)
        guard let declared, declared >= 0 else { return (rest, false) }
        if declared > rest { return (rest, !Self.isPlaceholder(declared)) }
        let end = start + declared + (alignment - declared % alignment) % alignment
        guard rest - declared >= 8, !hasTrailer(source, at: end) else { return (declared, false) }
        // The header of a killed recorder, of a stream, or of a file too long for 32 bits.
        return (rest, false)
    }

    /// True if a chunk or a tag follows the declared sound, and not more sound.
    func hasTrailer(_ source: some ContainerBytes, at place: Int64) -> Bool {
        let head = source.bytes(at: place, count: 8)
        if isTrailer(head) { return true }
        guard let size = source.size, coding != nil || lengthPlace != nil else { return false }
        return alignment == 2 && chunksReachEnd(source, from: place, size: size)
    }

    /// True if whole chunks with printable names fill the file from `place` to its end.
    private func chunksReachEnd(_ source: some ContainerBytes, from place: Int64, size: Int64) -> Bool {
        var place = place
        for _ in 0..<1_000 {
            if (size - 1...size + 1).contains(place) { return true }
            let head = source.bytes(at: place, count: 8)
            guard head.count == 8, head.prefix(4).allSatisfy({ (0x20...0x7E).contains($0) }) else {
                return false
            }
            let length = Int64(isBigEndian ? bigEndian(head, 4, 4) : littleEndian(head, 4, 4))
            place += 8 + length + length % 2
        }
        return false
    }

    private var isBigEndian: Bool { (coding ?? 0) & CInt(SF_FORMAT_ENDMASK) == CInt(SF_ENDIAN_BIG) }
}

/// Names of chunks and tags that can follow the sound.
private let trailers: Set<String> = [
    "LIST", "id3 ", "ID3 ", "bext", "cue ", "smpl", "inst", "iXML", "_PMX", "afsp", "PAD ", "JUNK", "junk",
    "FLLR",
    "fact", "PEAK", "acid", "cart", "plst", "labl", "note", "levl", "axml", "chna", "umid", "MARK", "COMT",
    "NAME",
    "AUTH", "(c) ", "ANNO", "APPL", "AESD", "MIDI", "INST", "FVER", "COMM", "SSND", "strg", "midi", "mark",
    "regn",
    "info", "uuid", "edct", "ovvw", "peak", "free", "minf", "elm1", "DISP", "Fake", "SAUR", "link", "CHAN",
]

/// True if these first bytes after the sound begin a chunk or a tag.
func isTrailer(_ head: [UInt8]) -> Bool {
    trailers.contains(String(decoding: head.prefix(4), as: UTF8.self))
        || ["TAG", "ID3", "APETAGEX", "LYRICSBE"].contains { head.starts(with: $0.utf8) }
}

func littleEndian(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
    bytes.dropFirst(place).prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

func bigEndian(_ bytes: [UInt8], _ place: Int, _ count: Int) -> UInt64 {
    bytes.dropFirst(place).prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
}
