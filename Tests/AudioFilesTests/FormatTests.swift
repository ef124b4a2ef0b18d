// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import TestSupport
import Testing

@Suite struct FormatTests {
    @Test(arguments: [("flac", 1e-4), ("ogg", 0.02), ("opus", 0.05), ("mp3", 0.05)])
    func eachFormatGivesTheToneThatWentIn(suffix: String, tolerance: Double) throws {
        let reader = try AudioFileReader(path: Fixtures.url("audio/tone.\(suffix)").path)
        #expect(reader.sampleRate == 48_000)
        #expect(reader.channelCount == 2)
        let samples = try readToEnd(reader)
        #expect(abs(samples.count / 2 - 24_000) <= 2 * 1_152)
        // The middle, where every codec has started; a lossy one may also have shifted the sound.
        #expect(abs(rms(samples, channel: 0) - 0.5 / 2.0.squareRoot()) < tolerance)
        #expect(abs(rms(samples, channel: 1) - 0.25 / 2.0.squareRoot()) < tolerance)
        #expect(!reader.isTruncated)
    }

    @Test(arguments: [SoundEncoding.s16, .s24, .s32, .f32])
    func aWAVFileGivesTheSamplesThatWentIn(encoding: SoundEncoding) throws {
        let samples = (0..<6_000).map { Float(sin(Double($0) * 0.05)) * 0.9 }
        try withSoundFolder { folder in
            let path = try SoundFile(
                samples: samples,
                sampleRate: 44_100,
                channelCount: 3,
                encoding: encoding
            )
            .write(to: folder)
            let reader = try AudioFileReader(path: path)
            let read = try readToEnd(reader)
            #expect(reader.channelCount == 3 && reader.sampleRate == 44_100)
            #expect(reader.declaredFrameCount == 2_000)
            #expect(read.count == samples.count)
            #expect(zip(read, samples).allSatisfy { abs($0 - $1) <= 1 / 32_768 })
            #expect(!reader.isTruncated)
        }
    }

    @Test(arguments: Fixtures.speech)
    func aClipIsTheMeanOfTheChannels(file: URL) throws {
        let clip = try AudioClip(path: file.path)
        let reader = try AudioFileReader(path: file.path)
        let channelCount = reader.channelCount
        let samples = try readToEnd(reader)
        #expect(clip.sampleRate == reader.sampleRate && !clip.isTruncated)
        #expect(clip.samples.count == samples.count / channelCount)
        #expect(clip.samples.contains { abs($0) > 0.01 })
    }

    @Test func nonFiniteSamplesBecomeSilenceAndAreCounted() throws {
        var samples = [Float](repeating: 0.25, count: 100)
        (samples[3], samples[50], samples[98], samples[99]) = (.nan, .infinity, 3e38, -.infinity)
        try withSoundFolder { folder in
            let path = try SoundFile(samples: samples, sampleRate: 16_000, encoding: .f32).write(to: folder)
            let reader = try AudioFileReader(path: path)
            let read = try readToEnd(reader)
            #expect(read.indices.filter { read[$0] == 0 } == [3, 50, 98, 99])
            #expect(reader.nonFiniteCount == 4)
        }
    }

    /// Three hours of silence in a sparse file: only the resident memory could grow.
    @Test func memoryDoesNotGrowWithDuration() throws {
        try withSoundFolder { folder in
            let byteCount = 3 * 3_600 * 16_000 * 2
            let path = try SoundFile(samples: [], sampleRate: 16_000, declaredByteCount: UInt32(byteCount))
                .write(to: folder)
            #expect(truncate(path, byteCount + 44) == 0)
            let reader = try AudioFileReader(path: path)
            var block = [Float](repeating: 1, count: 1 << 16)
            var residentAfterAMinute = 0
            while true {
                var span = block.mutableSpan
                if try reader.read(into: &span) == 0 { break }
                if residentAfterAMinute == 0, reader.deliveredFrameCount > 960_000 {
                    residentAfterAMinute = residentPages()
                }
            }
            #expect(reader.deliveredFrameCount == Int64(byteCount / 2))
            // Other tests run at the same time; three hours of floats would be 170,000 pages.
            #expect(residentPages() - residentAfterAMinute < 50_000)
        }
    }
}

private func residentPages() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return fields.flatMap { Int($0[1]) } ?? 0
}

private func rms(_ samples: [Float], channel: Int) -> Double {
    let middle = stride(from: 12_000 + channel, to: 36_000, by: 2).map { Double(samples[$0]) }
    return (middle.reduce(0) { $0 + $1 * $1 } / Double(middle.count)).squareRoot()
}

/// All samples, interleaved, read in blocks of an odd size.
func readToEnd(_ reader: AudioFileReader) throws -> [Float] {
    var block = [Float](repeating: 0, count: 1_001 * reader.channelCount)
    var samples: [Float] = []
    while true {
        var span = block.mutableSpan
        let count = try reader.read(into: &span)
        if count == 0 { return samples }
        samples += block[..<(count * reader.channelCount)]
    }
}
