// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Foundation
import TestSupport
import Testing

@Suite struct PCMDecoderTests {
    static let formats: [(SampleFormat, Int, Int)] = [
        (.s16, 16_000, 1), (.s16, 48_000, 2), (.s24, 44_100, 1), (.s24in32, 96_000, 3), (.s32, 8_000, 8),
        (.f32, 22_050, 2), (.f32, 192_000, 1),
    ]

    @Test(arguments: formats)
    func everyCutOfTheBytesGivesTheSameSamples(sampleFormat: SampleFormat, sampleRate: Int, channelCount: Int)
        throws
    {
        let format = try CaptureFormat(
            sampleRate: sampleRate,
            channelCount: channelCount,
            sampleFormat: sampleFormat
        )
        let bytes = sound(in: format, frameCount: sampleRate / 5)
        let whole = try decode(bytes, format)
        for cut in Cut.all(hop: 160 * format.frameByteCount) {
            var decoder = try PCMDecoder(format: format)
            var samples: [Float] = []
            for range in cut.ranges(of: bytes.count) {
                let piece = Array(bytes[range])
                decoder.step(piece.span.bytes) { samples.append(contentsOf: $0) }
            }
            decoder.finish { samples.append(contentsOf: $0) }
            #expect(samples == whole, "\(cut)")
        }
    }

    @Test(arguments: SampleFormat.allCases)
    func everyEncodingGivesTheSamplesThatWentIn(sampleFormat: SampleFormat) throws {
        let format = try CaptureFormat(sampleRate: 16_000, channelCount: 1, sampleFormat: sampleFormat)
        let values: [Float] = [0, 0.5, -0.5, -1, 0.25, 32_767 / 32_768, 3 / 32_768, -3 / 32_768]
        #expect(try decode(encoding(of: format).bytes(of: values), format) == values)
    }

    @Test func theUpperByteOf24In32IsNotTrusted() throws {
        let format = try CaptureFormat(sampleRate: 16_000, channelCount: 1, sampleFormat: .s24in32)
        #expect(try decode([0, 0, 0x40, 0xAA, 0, 0, 0xC0, 0x55], format) == [0.5, -0.5])
    }

    @Test func channelsAreMixedOrChosen() throws {
        let format = try CaptureFormat(sampleRate: 16_000, channelCount: 3, sampleFormat: .f32)
        let bytes = SoundEncoding.f32.bytes(of: [0.3, 0.6, 0.9, -0.3, 0, 0.3])
        let mixed = try decode(bytes, format)
        #expect(zip(mixed, [0.6, 0]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(try decode(bytes, format, .only(1)) == [0.3, -0.3])
        #expect(try decode(bytes, format, .only(3)) == [0.9, 0.3])
        let error = #expect(throws: CaptureError.self) { try decode(bytes, format, .only(4)) }
        #expect(error?.kind == .formatRefused)
    }

    @Test func nonFiniteSamplesBecomeSilenceAndAreCounted() throws {
        let format = try CaptureFormat(sampleRate: 44_100, channelCount: 2, sampleFormat: .f32)
        var random = SeededRandom(seed: 5)
        // A broken driver can deliver any bit pattern.
        let words = (0..<200_000).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) }
        let tame = words.map { word -> UInt32 in
            let value = Float(bitPattern: word)
            return value.isFinite && abs(value) > 4 ? 0x3F00_0000 : word
        }
        let bytes = tame.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        var decoder = try PCMDecoder(format: format)
        var rejected = 0
        decoder.step(bytes.span.bytes) { piece in
            for i in piece.indices where !piece[i].isFinite { rejected += 1 }
        }
        let counted = decoder.nonFiniteCount
        #expect(rejected == 0)
        #expect(counted == tame.count { !Float(bitPattern: $0).isFinite })
        #expect(counted > 0)
    }

    /// The mean of two channels is their sum first.
    @Test(arguments: [16_000, 44_100])
    func floatsTooLargeToAddUpBecomeSilence(sampleRate: Int) throws {
        let format = try CaptureFormat(sampleRate: sampleRate, channelCount: 2, sampleFormat: .f32)
        var decoder = try PCMDecoder(format: format)
        let loud = [Float](repeating: .greatestFiniteMagnitude, count: 2_000)
        var samples: [Float] = []
        decoder.step(SoundEncoding.f32.bytes(of: loud).span.bytes) { piece in
            for index in piece.indices { samples.append(piece[index]) }
        }
        #expect(samples.count > 200 && samples.allSatisfy { $0 == 0 })
        let counted = decoder.nonFiniteCount
        #expect(counted == 2_000)
    }

    @Test(arguments: [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
    func aToneKeepsItsPlaceLengthAndLevel(sampleRate: Int) throws {
        let format = try CaptureFormat(sampleRate: sampleRate, channelCount: 1, sampleFormat: .f32)
        let tone = (0..<sampleRate).map {
            Float(0.5 * sin(2 * .pi * 1_000 * Double($0) / Double(sampleRate)))
        }
        let samples = try decode(SoundEncoding.f32.bytes(of: tone), format)
        #expect(abs(samples.count - 16_000) <= 1)
        // Position n of the output is time n / 16000 of the input, to far less than a sample.
        let errors = (1_000..<15_000).map { abs(samples[$0] - Float(0.5 * sin(2 * .pi * Double($0) / 16))) }
        #expect(errors.max() ?? 1 < 2e-3)
    }

    @Test func frequenciesAboveHalfTheRateDoNotAlias() throws {
        let format = try CaptureFormat(sampleRate: 48_000, channelCount: 1, sampleFormat: .f32)
        let tone = (0..<48_000).map { Float(sin(2 * .pi * 10_000 * Double($0) / 48_000)) }
        let samples = try decode(SoundEncoding.f32.bytes(of: tone), format)
        #expect(samples[1_000..<15_000].allSatisfy { abs($0) < 1e-3 })
    }

    @Test(arguments: [(16_000, 0), (48_000, 80), (8_000, 160)])
    func theLatencyIsTheMeasuredOne(sampleRate: Int, expected: Int) throws {
        let format = try CaptureFormat(sampleRate: sampleRate, channelCount: 1, sampleFormat: .f32)
        var decoder = try PCMDecoder(format: format)
        let sample = SoundEncoding.f32.bytes(of: [0])
        var consumed = 0
        var delivered = 0
        while consumed < sampleRate / 4 {
            decoder.step(sample.span.bytes) { delivered += $0.count }
            consumed += 1
        }
        let measured = consumed * 16_000 / sampleRate - delivered
        let latency = decoder.latencySamples
        #expect(abs(measured - latency) <= 2)
        #expect(abs(latency - expected) <= 2)
    }

    @Test func aResetDecoderIsAsNew() throws {
        let format = try CaptureFormat(sampleRate: 44_100, channelCount: 2, sampleFormat: .s16)
        let bytes = sound(in: format, frameCount: 5_000)
        let fresh = try decode(bytes, format)
        var decoder = try PCMDecoder(format: format)
        let beginning = Array(bytes[..<4_321])
        decoder.step(beginning.span.bytes) { _ in }
        decoder.reset()
        var again: [Float] = []
        decoder.step(bytes.span.bytes) { again.append(contentsOf: $0) }
        decoder.finish { again.append(contentsOf: $0) }
        #expect(again == fresh)
    }

    @Test(.enabled(if: canCountAllocations), arguments: formats)
    func decodingAllocatesNothing(sampleFormat: SampleFormat, sampleRate: Int, channelCount: Int) throws {
        let format = try CaptureFormat(
            sampleRate: sampleRate,
            channelCount: channelCount,
            sampleFormat: sampleFormat
        )
        let bytes = sound(in: format, frameCount: 5_000)
        var decoder = try PCMDecoder(format: format)
        var sum: Float = 0
        decoder.step(bytes.span.bytes) { sum += $0[0] }
        let count = allocations {
            for _ in 0..<20 { decoder.step(bytes.span.bytes) { sum += $0[0] } }
        }
        #expect(count == 0)
        #expect(sum.isFinite)
    }

    @Test(arguments: [(7_999, 1), (192_001, 1), (16_000, 0), (16_000, 9), (-1, 1)])
    func aFormatBeyondTheLimitsIsRefused(sampleRate: Int, channelCount: Int) {
        let error = #expect(throws: CaptureError.self) {
            try CaptureFormat(sampleRate: sampleRate, channelCount: channelCount, sampleFormat: .s16)
        }
        #expect(error?.kind == .formatRefused)
        #expect(error?.kind.category == .device)
    }

    private func encoding(of format: CaptureFormat) throws -> SoundEncoding {
        try #require(SoundEncoding(rawValue: format.sampleFormat.rawValue))
    }

    private func sound(in format: CaptureFormat, frameCount: Int) -> [UInt8] {
        let samples = (0..<frameCount * format.channelCount).map {
            Float(sin(Double($0 * $0 % 9_973) * 0.01)) * 0.8
        }
        return (SoundEncoding(rawValue: format.sampleFormat.rawValue) ?? .s16).bytes(of: samples)
    }

    private func decode(
        _ bytes: [UInt8],
        _ format: CaptureFormat,
        _ channel: ChannelChoice = .mix
    ) throws -> [Float] {
        var decoder = try PCMDecoder(format: format, channel: channel)
        var samples: [Float] = []
        decoder.step(bytes.span.bytes) { samples.append(contentsOf: $0) }
        decoder.finish { samples.append(contentsOf: $0) }
        return samples
    }
}

extension Array where Element == Float {
    mutating func append(contentsOf span: Span<Float>) {
        for i in span.indices { append(span[i]) }
    }
}
