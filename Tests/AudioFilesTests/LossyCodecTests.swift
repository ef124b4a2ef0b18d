// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import TestSupport
import Testing

@Suite struct LossyCodecTests {
    static let codecs: [LossyCodec] = [
        .opus(kilobits: 8), .opus(kilobits: 24), .mp3(kilobits: 16), .mp3(kilobits: 24), .mp3(kilobits: 40),
        .mp3(kilobits: 64), .gsm, .muLaw, .aLaw,
    ]

    private func speech() throws -> [Float] { try AudioClip(path: Fixtures.speech[0].path).samples }

    private func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let product = zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let squares = [a, b].map { $0.reduce(0) { $0 + Double($1) * Double($1) } }
        return product / (squares[0] * squares[1]).squareRoot()
    }

    @Test(arguments: codecs)
    func aCodecKeepsTimingAndLosesDetail(codec: LossyCodec) throws {
        let speech = try speech()
        let heard = try codec.encodeAndDecode(speech, sampleRate: 16_000)
        #expect(heard.count == speech.count && heard != speech)
        #expect(correlation(heard, speech) > 0.8)
        // A shift of five milliseconds would be detected.
        let shifted = Array(heard.dropFirst(80)) + Array(repeating: 0, count: 80)
        #expect(correlation(shifted, speech) < correlation(heard, speech))
    }

    @Test(arguments: codecs)
    func repeatedRunsGiveTheSameResult(codec: LossyCodec) throws {
        let speech = try speech()
        #expect(
            try codec.encodeAndDecode(speech, sampleRate: 16_000)
                == codec.encodeAndDecode(speech, sampleRate: 16_000)
        )
    }

    @Test func fewerBitsLoseMore() throws {
        let speech = try speech()
        let likeness = try [LossyCodec.opus(kilobits: 8), .opus(kilobits: 24), .opus(kilobits: 64)].map {
            correlation(try $0.encodeAndDecode(speech, sampleRate: 16_000), speech)
        }
        #expect(likeness == likeness.sorted() && likeness[0] < likeness[2] - 0.01)
    }

    @Test(arguments: codecs, [0, 1, 159, 1_000])
    func aShortClipKeepsItsLength(codec: LossyCodec, count: Int) throws {
        let clip = (0..<count).map { Float(sin(Double($0) * 0.2)) * 0.3 }
        #expect(try codec.encodeAndDecode(clip, sampleRate: 16_000).count == count)
    }

    @Test(arguments: [LossyCodec.opus(kilobits: 16), .mp3(kilobits: 32)])
    func aRateThatTheCodecDoesNotKnowIsAnError(codec: LossyCodec) {
        #expect(throws: CodecError.self) { try codec.encodeAndDecode([0.1, 0.2], sampleRate: 44_100) }
    }
}
