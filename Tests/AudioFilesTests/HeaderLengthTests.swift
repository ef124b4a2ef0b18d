// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import TestSupport
import Testing

/// Every sample in the file is read, whatever length the header has.
@Suite struct HeaderLengthTests {
    private let samples = (0..<3_000).map { Float(sin(Double($0) * 0.05)) * 0.5 }

    private func read(_ bytes: [UInt8], name: String = "sound.wav") throws -> (
        samples: [Float], isTruncated: Bool
    ) {
        try withSoundFolder { folder in
            let file = folder.appending(path: name)
            try Data(bytes).write(to: file)
            let clip = try AudioClip(path: file.path)
            return (clip.samples, clip.isTruncated)
        }
    }

    private func isWhole(_ read: [Float]) -> Bool {
        read.count == samples.count && zip(read, samples).allSatisfy { abs($0 - $1) <= 1 / 16_384 }
    }

    /// Length 0, the lengths that SoX, arecord and ffmpeg write, and the length at an earlier time, as after a killed recorder.
    @Test(
        arguments: [0, 0x7FFF_0000, 0x7FFF_F000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1_000, 2_001]
            as [UInt32]
    )
    func aWAVFileIsReadToItsEnd(declared: UInt32) throws {
        let file = SoundFile(samples: samples, sampleRate: 16_000, declaredByteCount: declared)
        let (read, isTruncated) = try read(file.bytes)
        #expect(isWhole(read) && !isTruncated, "\(read.count)")
    }

    @Test(arguments: [SoundEncoding.s24, .s32, .f32])
    func aStaleHeaderIsIgnoredInEveryEncoding(encoding: SoundEncoding) throws {
        let file = SoundFile(samples: samples, sampleRate: 16_000, encoding: encoding, declaredByteCount: 600)
        #expect(isWhole(try read(file.bytes).samples))
    }

    @Test(arguments: ["LIST", "id3 ", "bext", "xyzw"])
    func tagsAfterTheSoundAreNotSound(chunk: String) throws {
        let file = SoundFile(samples: samples, sampleRate: 16_000)
        let words = Array(chunk.utf8) + [40, 0, 0, 0] + [UInt8](repeating: 77, count: 40)
        let (read, isTruncated) = try read(file.bytes + words)
        #expect(isWhole(read) && !isTruncated)
    }

    @Test func missingSamplesAreReported() throws {
        let file = SoundFile(samples: samples, sampleRate: 16_000)
        let (read, isTruncated) = try read(Array(file.bytes.dropLast(2_000)))
        #expect(read.count == 2_000 && isTruncated)
        for (name, bytes) in Containers.all(samples, lengths: .known) {
            let (read, isTruncated) = try self.read(Array(bytes.dropLast(2_000)), name: name)
            #expect(read.count == 2_000 && isTruncated, "\(name)")
        }
    }

    @Test(arguments: [Containers.Length.known, .unknown, .zero, .stale])
    func otherContainersAreReadToTheirEnd(length: Containers.Length) throws {
        for (name, bytes) in Containers.all(samples, lengths: length) {
            let (read, isTruncated) = try read(bytes, name: name)
            #expect(isWhole(read) && !isTruncated, "\(name): \(read.count)")
        }
    }

    /// A sparse file longer than 32 bits can count; only the beginning and the count are checked.
    @Test(arguments: [UInt32(truncatingIfNeeded: 5_000_000_000 as Int64), 0xFFFF_FFFF, 0x7FFF_F000])
    func aFileOverFourGigabytesIsReadWhole(declared: UInt32) throws {
        try withSoundFolder { folder in
            let path = try SoundFile(samples: samples, sampleRate: 48_000, declaredByteCount: declared).write(
                to: folder
            )
            #expect(truncate(path, 5_000_000_044) == 0)
            let reader = try AudioFileReader(path: path)
            #expect(reader.declaredFrameCount == 2_500_000_000 && !reader.isTruncated)
            var block = [Float](repeating: 0, count: samples.count)
            var span = block.mutableSpan
            #expect(try reader.read(into: &span) == samples.count)
            #expect(isWhole(block))
        }
    }

    @Test(arguments: ["flac", "ogg", "opus", "mp3"])
    func recordingsThatWereJoinedAreReadOneAfterTheOther(suffix: String) throws {
        let one = try Data(contentsOf: Fixtures.url("audio/tone.\(suffix)"))
        let single = try read(Array(one), name: "one.\(suffix)").samples
        let (joined, isTruncated) = try read(Array(one + one + one), name: "three.\(suffix)")
        // An MP3 also contains the silence between its recordings.
        #expect(
            joined.count >= 3 * single.count && joined.count < 3 * single.count + 7 * 1_152,
            "\(joined.count)"
        )
        #expect(!isTruncated)
        let last = joined.suffix(single.count / 2)
        #expect((last.map { $0 * $0 }.reduce(0, +) / Float(last.count)).squareRoot() > 0.1)
    }

    @Test func aPartWithAnotherRateIsReportedAsMissing() throws {
        let first = try Data(contentsOf: Fixtures.url("audio/tone.opus"))
        let other = try Data(contentsOf: Fixtures.url("audio/tone.ogg"))
        let mono = try Data(contentsOf: Fixtures.speech[0])
        let single = try read(Array(first), name: "one.opus").samples
        // Both fixtures have 48 kHz and two channels, the voice has one.
        #expect(try read(Array(first + other), name: "two.ogg").samples.count > single.count * 3 / 2)
        let (joined, isTruncated) = try read(Array(first + mono), name: "two.opus")
        #expect(joined.count == single.count && isTruncated)
    }

    /// As after a pipe: libsndfile then guesses the length from the bit rate.
    @Test func anMP3WithoutACountIsNotReportedAsTruncated() throws {
        let whole = try Data(contentsOf: Fixtures.url("audio/tone.mp3"))
        let firstFrame = 144 * 128_000 / 48_000
        let second = try #require(whole.dropFirst(firstFrame - 200).firstRange(of: [0xFF, 0xFB]))
        let (read, isTruncated) = try read(Array(whole[second.lowerBound...]), name: "tone.mp3")
        #expect(read.count > 24_000 && !isTruncated)
    }
}
