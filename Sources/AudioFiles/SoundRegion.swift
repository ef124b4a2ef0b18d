// SPDX-License-Identifier: Apache-2.0
internal import CSndfile

/// Where the samples lie in a container that keeps them in one piece, and what its header says of them.
///
/// A program that writes into a pipe, or is killed, leaves a length that is not true. So the length is looked for here,
/// and the samples are read without the header where it lies.
struct SoundRegion {
    var sampleRate = 0
    var channelCount = 0
    /// libsndfile's subtype with its byte order; nil for a codec that needs the header.
    var coding: CInt?
    var frameByteCount = 0
    /// The first byte of the samples.
    var start: Int64 = 0
    /// Bytes that the header promises; nil where it says that it does not know.
    var declared: Int64?
    /// Chunks begin at multiples of this.
    var alignment: Int64 = 1
    /// Where the 32-bit lengths of a WAV file stand, which a codec that needs the header must find corrected.
    var lengthPlace: Int64?

    /// What a stream's header holds in place of a length: nothing, or about the most that 31, 32 or 63 bits can hold.
    static func isPlaceholder(_ length: Int64) -> Bool {
        length <= 0 || (0x7FFF_0000...0x8000_0000).contains(length)
            || (0xFFFF_0000...0xFFFF_FFFF).contains(length)
            || length >= 1 << 60
    }

    /// The region in `source`, if `container` is of the kind and its header is sound.
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

    /// Bytes of sound that are there, and whether the header promises more.
    func extent(in source: some ContainerBytes) -> (length: Int64, isTruncated: Bool) {
        let rest = max(0, (source.size ?? start) - start)
        guard let declared, declared >= 0 else { return (rest, false) }
        if declared > rest { return (rest, !Self.isPlaceholder(declared)) }
        let end = start + declared + (alignment - declared % alignment) % alignment
        guard rest - declared >= 8, !hasTrailer(source, at: end) else { return (declared, false) }
        // The header of a recorder that was killed, of a stream, or of a file too long for 32 bits.
        return (rest, false)
    }

    /// Whether what follows the declared sound is a chunk or a tag, and not more sound.
    func hasTrailer(_ source: some ContainerBytes, at place: Int64) -> Bool {
        let head = source.bytes(at: place, count: 8)
        if isTrailer(head) { return true }
        guard let size = source.size, coding != nil || lengthPlace != nil else { return false }
        return alignment == 2 && chunksReachEnd(source, from: place, size: size)
    }

    /// Whether whole chunks with printable names fill the file from `place` to its end.
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

/// The names of chunks and tags that stand behind the sound.
private let trailers: Set<String> = [
    "LIST", "id3 ", "ID3 ", "bext", "cue ", "smpl", "inst", "iXML", "_PMX", "afsp", "PAD ", "JUNK", "junk",
    "FLLR",
    "fact", "PEAK", "acid", "cart", "plst", "labl", "note", "levl", "axml", "chna", "umid", "MARK", "COMT",
    "NAME",
    "AUTH", "(c) ", "ANNO", "APPL", "AESD", "MIDI", "INST", "FVER", "COMM", "SSND", "strg", "midi", "mark",
    "regn",
    "info", "uuid", "edct", "ovvw", "peak", "free", "minf", "elm1", "DISP", "Fake", "SAUR", "link", "CHAN",
]

/// Whether these first bytes behind the sound are the beginning of a chunk or a tag.
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
