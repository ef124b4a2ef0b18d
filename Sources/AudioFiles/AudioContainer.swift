// SPDX-License-Identifier: Apache-2.0

/// Container format of a file or a stream, recognised by its first bytes.
public enum AudioContainer: String, Sendable, CaseIterable {
    case wav = "WAV"
    /// RF64 or BW64.
    case rf64 = "RF64"
    case wave64 = "Wave64"
    case aiff = "AIFF"
    case au = "AU"
    case caf = "CAF"
    case flac = "FLAC"
    /// Ogg with Vorbis or Opus.
    case ogg = "Ogg"
    /// MPEG layer I to III.
    case mpeg = "MP3"
    case sphere = "NIST Sphere"
    case voc = "Creative Voice"
    /// Ogg with FLAC, Speex or another codec that libsndfile does not decode there.
    case foreignOgg = "Ogg with a codec other than Vorbis and Opus"
    case mpeg4 = "MPEG-4"
    case matroska = "WebM or Matroska"
    case aac = "AAC"
    case amr = "AMR"
    case asf = "Windows Media"
    case avi = "AVI"

    /// True for formats that libsndfile cannot decode and ffmpeg can.
    public var isForeign: Bool {
        switch self {
        case .foreignOgg, .mpeg4, .matroska, .aac, .amr, .asf, .avi: true
        default: false
        }
    }

    /// Bytes that identify every container except MP3 and AAC, whose frames are certain only when the next one is seen.
    static let briefCount = 48

    /// Reads the first bytes of `source`; nil for raw samples and unknown formats.
    init?(_ source: some ContainerBytes) {
        let start = source.bytes(at: 0, count: 12)
        func says(_ text: String, at offset: Int = 0) -> Bool {
            start.dropFirst(offset).starts(with: text.utf8)
        }
        if says("RIFF"), says("WAVE", at: 8) {
            self = .wav
        } else if says("RIFF"), says("AVI ", at: 8) {
            self = .avi
        } else if says("RF64") || says("BW64"), says("WAVE", at: 8) {
            self = .rf64
        } else if says("FORM"), says("AIF", at: 8) {
            self = .aiff
        } else if says("riff"), start.dropFirst(4).starts(with: [0x2E, 0x91, 0xCF, 0x11]) {
            self = .wave64
        } else if says("caff\u{0}\u{1}") {
            self = .caf
        } else if says(".snd") {
            self = .au
        } else if says("fLaC") {
            self = .flac
        } else if says("ftyp", at: 4) {
            self = .mpeg4
        } else {
            guard let other = Self.other(start, source) else { return nil }
            self = other
        }
    }

    private static func other(_ start: [UInt8], _ source: some ContainerBytes) -> AudioContainer? {
        let rest: [(mark: [UInt8], container: AudioContainer)] = [
            ([0x1A, 0x45, 0xDF, 0xA3], .matroska), ([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], .asf),
            (Array("#!AMR".utf8), .amr), (Array("NIST_1A".utf8), .sphere), (Array("Creative Voi".utf8), .voc),
        ]
        if let known = rest.first(where: { start.starts(with: $0.mark) }) { return known.container }
        if start.starts(with: "OggS".utf8) { return ogg(source) }
        if start.starts(with: "ID3".utf8), start.count >= 10, start[3] < 0x10,
            start[6...9].allSatisfy({ $0 < 0x80 })
        {
            return .mpeg
        }
        guard start.count >= 2, start[0] == 0xFF, start[1] >= 0xE0 else { return nil }
        if MPEGFrame.repeats(in: source) { return .mpeg }
        return ADTSFrame.repeats(in: source) ? .aac : nil
    }

    /// The first packet begins with the name of the codec.
    private static func ogg(_ source: some ContainerBytes) -> AudioContainer {
        let page = source.bytes(at: 0, count: briefCount)
        guard page.count > 27, page.count > 27 + Int(page[26]) else { return .ogg }
        let packet = page[(27 + Int(page[26]))...]
        return packet.starts(with: "OpusHead".utf8) || packet.starts(with: [1] + "vorbis".utf8)
            ? .ogg : .foreignOgg
    }
}

/// Random access to the bytes of a container: a file, or the beginning of a stream.
protocol ContainerBytes: AnyObject {
    /// Total bytes; nil for a stream.
    var size: Int64? { get }
    /// The bytes at `offset`; fewer or none at the end.
    func bytes(at offset: Int64, count: Int) -> [UInt8]
}

/// A regular file, read without moving its position.
final class FileBytes: ContainerBytes {
    let size: Int64?
    private let descriptor: CInt

    init(descriptor: CInt, size: Int64) { (self.descriptor, self.size) = (descriptor, size) }

    func bytes(at offset: Int64, count: Int) -> [UInt8] {
        readBytes(of: descriptor, at: offset, count: count)
    }
}
