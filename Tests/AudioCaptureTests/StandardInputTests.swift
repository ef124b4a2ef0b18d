// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import AudioFiles
import Foundation
import TestSupport
import Testing

/// A container on standard input gives the same samples as the file.
@Suite struct StandardInputTests {
    /// All samples from `bytes`, written into a pipe in pieces.
    private func heard(
        _ bytes: Data,
        format: CaptureFormat? = .standardInputDefault,
        piece: Int = 4_001
    ) throws -> (samples: [Float], damage: String?) {
        let pipe = Pipe()
        Thread.detachNewThread { [writer = pipe.fileHandleForWriting] in
            for start in stride(from: 0, to: bytes.count, by: piece) {
                guard (try? writer.write(contentsOf: bytes[start..<min(bytes.count, start + piece)])) != nil
                else { break }
            }
            try? writer.close()
        }
        return try withExtendedLifetime(pipe) {
            let input = StandardInputCapture(
                format: format,
                // Never closed: a decoding thread may still read it after the test, when its number could be
                // that of another test's file.
                descriptor: dup(pipe.fileHandleForReading.fileDescriptor)
            )
            let samples = try readToEnd(try SampleReader(input))
            return (samples, input.damage)
        }
    }

    @Test(arguments: ["flac", "ogg", "opus"], [1, 4_001, 1 << 20])
    func aStreamGivesTheSameAsTheFile(suffix: String, piece: Int) throws {
        let file = Fixtures.url("audio/tone.\(suffix)")
        let (samples, damage) = try heard(try Data(contentsOf: file), piece: piece)
        #expect(try samples == readToEnd(try SampleReader(FileCapture(path: file.path))))
        #expect(damage == nil)
    }

    @Test func anMP3StreamGivesTheSoundOfTheFile() throws {
        let file = Fixtures.url("audio/tone.mp3")
        let whole = try readToEnd(try SampleReader(FileCapture(path: file.path)))
        let (samples, damage) = try heard(try Data(contentsOf: file))
        // A pipe keeps the encoder's silence, because its header may belong to only one of several
        // recordings.
        #expect(samples.count >= whole.count && samples.count < whole.count + 1_600 && damage == nil)
    }

    @Test(
        arguments: [SoundEncoding.s16, .s24, .s32, .f32],
        [0, 0x7FFF_F000, 0xFFFF_FFFF, nil, 900] as [UInt32?]
    )
    func aWAVStreamIsReadWhole(encoding: SoundEncoding, declared: UInt32?) throws {
        let speech = try Speech(sampleRate: 44_100, channelCount: 2)
        let file = SoundFile(
            samples: speech.interleaved,
            sampleRate: 44_100,
            channelCount: 2,
            encoding: encoding,
            declaredByteCount: declared
        )
        let (samples, damage) = try heard(Data(file.bytes))
        let whole = try speech.throughFile()
        #expect(samples.count == whole.count && damage == nil)
        #expect(zip(samples, whole).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test(arguments: [Containers.Length.known, .unknown, .zero, .stale])
    func otherContainersAreReadWhole(length: Containers.Length) throws {
        let speech = try Speech(sampleRate: 16_000, channelCount: 1).interleaved
        for (name, bytes) in Containers.all(speech, lengths: length) {
            let (samples, damage) = try heard(Data(bytes))
            #expect(samples == speech && damage == nil, "\(name): \(samples.count)")
        }
    }

    @Test func aStreamThatEndsEarlyIsReported() throws {
        let speech = try Speech(sampleRate: 16_000, channelCount: 1).interleaved
        let file = SoundFile(samples: speech, sampleRate: 16_000)
        let (samples, damage) = try heard(Data(file.bytes.dropLast(10_000)))
        #expect(samples == speech.dropLast(5_000) && damage?.contains("ends before") == true)
    }

    @Test(arguments: ["ogg", "opus", "mp3"])
    func concatenatedStreamsAreReadInOrder(suffix: String) throws {
        let one = try Data(contentsOf: Fixtures.url("audio/tone.\(suffix)"))
        let single = try heard(one).samples
        let (joined, damage) = try heard(one + one)
        #expect(
            abs(joined.count - 2 * single.count) < 1_600 && damage == nil,
            "\(joined.count), \(single.count)"
        )
    }

    @Test(arguments: [1, 4_001, 1 << 20])
    func concatenatedFLACGivesTheSameAsTheFile(piece: Int) throws {
        let one = try Data(contentsOf: Fixtures.url("audio/tone.flac"))
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "joined-\(UUID().uuidString).flac"
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        try (one + one + one).write(to: folder)
        let (joined, damage) = try heard(one + one + one, piece: piece)
        #expect(try joined == readToEnd(try SampleReader(FileCapture(path: folder.path))))
        #expect(damage == nil)
    }

    @Test(arguments: [30, 300, 9_000])
    func aTruncatedFLACBetweenTwoOthersIsReportedAndTheyStayWhole(byteCount: Int) throws {
        let one = try Data(contentsOf: Fixtures.url("audio/tone.flac"))
        let single = try heard(one).samples.count
        let (joined, damage) = try heard(one + one.prefix(byteCount) + one)
        #expect(joined.count >= 2 * single - 1_600 && damage != nil, "\(joined.count), \(single)")
    }

    /// Raw PCM that begins like a frame of MP3 or AAC is still read as raw PCM.
    @Test(
        arguments: [[0xFF, 0xFB, 0x94, 0x44], [0xFF, 0xF1, 0x50, 0x80], [0xFF, 0xF3, 0x48, 0xC4], [0, 0]]
            as [[UInt8]]
    )
    func rawSoundStaysRaw(beginning: [UInt8]) throws {
        let speech = try Speech(sampleRate: 16_000, channelCount: 1).interleaved
        let bytes = beginning + SoundEncoding.s16.bytes(of: speech)
        let (samples, _) = try heard(Data(bytes))
        #expect(samples.count == bytes.count / 2 && Array(samples.suffix(speech.count)) == speech)
    }

    @Test(arguments: [
        [0, 0, 0, 0x20] + Array("ftypisom".utf8), [0x1A, 0x45, 0xDF, 0xA3] + Array("webmwebm".utf8),
    ])
    func aFormatThatNeedsFFmpegIsRefusedWithTheCommand(bytes: [UInt8]) throws {
        let error = #expect(throws: CaptureError.self) {
            try heard(Data(bytes + [UInt8](repeating: 0, count: 99)))
        }
        #expect(error?.description.contains("ffmpeg -i - -f wav - | undertone listen -") == true)
        #expect(error?.kind.category == .inputFile)
    }

    @Test func rawSoundIsRefusedWhereNoFormatIsGiven() throws {
        let error = #expect(throws: CaptureError.self) { try heard(Data(count: 32_000), format: nil) }
        #expect(error?.description.contains("--rate RATE") == true)
        let empty = #expect(throws: CaptureError.self) { try heard(Data(), format: nil) }
        #expect(empty?.description.contains("empty") == true)
    }

    /// No thread may wait forever for a pipe without data.
    @Test func aStalledStreamCanBeInterrupted() throws {
        let pipe = Pipe()
        let sound = SoundFile(
            samples: [Float](repeating: 0.5, count: 3_000),
            sampleRate: 16_000,
            declaredByteCount: 0xFFFF_FFFF
        )
        try pipe.fileHandleForWriting.write(contentsOf: Data(sound.bytes))
        let descriptor = dup(pipe.fileHandleForReading.fileDescriptor)
        let input = StandardInputCapture(format: nil, descriptor: descriptor)
        _ = try input.open()
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { room.deallocate() }
        let start = ContinuousClock.now
        var isWaiting = false
        while !isWaiting, ContinuousClock.now - start < .seconds(20) {
            if case .nothing = input.read(into: room) { isWaiting = true }
        }
        #expect(isWaiting)
        input.interrupt()
        var hasEnded = false
        while !hasEnded, ContinuousClock.now - start < .seconds(40) {
            if case .ended = input.read(into: room) { hasEnded = true }
        }
        #expect(hasEnded)
        try pipe.fileHandleForWriting.close()
    }
}
