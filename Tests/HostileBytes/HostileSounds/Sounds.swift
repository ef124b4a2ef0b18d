// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import AudioFiles
public import FuzzInvariants
import Glibc

/// An audio file, and raw PCM.
public let soundInputs = [
    HostileInput("sound", feedSound),
    HostileInput("pcm", feedPCM),
]

/// One file in memory that is rewritten for each input: the reader opens it by its path, like any other file.
private let memoryFile: CInt = {
    var name = Array("/dev/shm/hostile-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    unlink(name)
    return descriptor
}()
/// Limit of the frames that are read: a few bytes of FLAC can contain hours of silence, all alike.
private let mostFrames = 65_536

/// Samples are finite, in whole frames, and never more than fit the buffer.
private func feedSound(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard ftruncate(memoryFile, 0) == 0, pwrite(memoryFile, bytes, bytes.count, 0) == bytes.count,
        let reader = try? AudioFileReader(path: "/proc/self/fd/\(memoryFile)", usesFFmpeg: false)
    else { return }
    try promise((1...8).contains(reader.channelCount), "\(reader.channelCount) channels")
    try promise((8_000...192_000).contains(reader.sampleRate), "\(reader.sampleRate) samples a second")
    let roomFrames = 4_096
    var block = [Float](repeating: .nan, count: roomFrames * reader.channelCount)
    while reader.deliveredFrameCount < mostFrames {
        var span = block.mutableSpan
        guard let count = try? reader.read(into: &span), count > 0 else { break }
        try promise(count <= roomFrames, "\(count) frames in a buffer for \(roomFrames)")
        let samples = block[..<(count * reader.channelCount)]
        try promise(samples.allSatisfy(\.isFinite), "a sample is not finite")
        try plantedBug(when: reader.channelCount == 3)
    }
}

/// Eight bytes choose format, rate, channel and split; the rest is sound. Every split gives the same samples.
private func feedPCM(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard bytes.count > 8 else { return }
    let formats = SampleFormat.allCases
    let rates = [8_000, 16_000, 16_000, 16_000, 44_100, 48_000, Int(bytes[0]) << 8 | Int(bytes[1])]
    guard
        let format = try? CaptureFormat(
            sampleRate: rates[Int(bytes[2]) % rates.count],
            channelCount: Int(bytes[3] % 10),
            sampleFormat: formats[Int(bytes[4]) % formats.count]
        )
    else { return }
    let channel: ChannelChoice = bytes[5] < 128 ? .mix : .only(Int(bytes[5]) - 127)
    let sound = bytes[8...]
    guard let whole = decoded(sound, format, channel, cut: sound.count) else { return }
    try promise(whole.allSatisfy(\.isFinite), "a sample is not finite")
    try plantedBug(when: bytes[7] == 0x42 && whole.count > 50)
    let pieces = decoded(sound, format, channel, cut: 1 + Int(bytes[6]))
    try promise(pieces == whole, "the split of the stream changes its samples")
}

private func decoded(
    _ sound: ArraySlice<UInt8>,
    _ format: CaptureFormat,
    _ channel: ChannelChoice,
    cut length: Int
) -> [Float]? {
    guard var decoder = try? PCMDecoder(format: format, channel: channel) else { return nil }
    var samples: [Float] = []
    for start in stride(from: sound.startIndex, to: sound.endIndex, by: length) {
        let piece = sound[start..<min(start + length, sound.endIndex)]
        decoder.step(piece.span.bytes) { part in
            for index in part.indices { samples.append(part[index]) }
        }
    }
    decoder.finish { part in
        for index in part.indices { samples.append(part[index]) }
    }
    return samples
}
