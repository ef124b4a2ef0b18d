// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Corpora
import Foundation
import TestSupport
import Testing

/// Bands and codecs: the stages after the microphone.
struct LineTests {
    private func augmentation(band: BandLimit? = nil, codec: CodecPassage? = nil) -> Augmentation {
        Augmentation(
            roomProbability: 0,
            roomSeconds: [0.3, 0.3],
            directDecibels: [3, 3],
            noiseProbability: 0,
            noiseDecibels: [10, 10],
            gainDecibels: [0, 0],
            band: band,
            codec: codec
        )
    }

    private func varied(_ samples: [Float], _ augmentation: Augmentation, seed: UInt64 = 1) throws -> [Float]
    {
        var random = SplitMix64(seed: seed)
        return try augmentation.vary(
            samples,
            speechLevel: 0.1,
            noise: nil,
            sampleRate: 16_000,
            using: &random
        )
    }

    private func tone(_ hertz: Double) -> [Float] {
        (0..<16_000).map { Float(0.5 * sin(2 * .pi * hertz * Double($0) / 16_000)) }
    }

    /// Level of the middle of `samples` relative to a tone of half scale.
    private func decibels(_ samples: [Float]) -> Double {
        let middle = samples[2_000..<14_000]
        let power = middle.reduce(0) { $0 + Double($1) * Double($1) } / Double(middle.count)
        return 10 * log10(power / 0.125 + 1e-20)
    }

    @Test(arguments: [(100.0, 3_400.0), (300, 5_000), (200, 7_000)])
    func onlyFrequenciesInTheBandRemain(from: Double, to: Double) throws {
        let narrow = augmentation(band: BandLimit(probability: 1, fromHz: [from, from], toHz: [to, to]))
        for hertz in [from + 120, 1_000, to - 120] {
            #expect(try abs(decibels(varied(tone(hertz), narrow))) < 0.1, "\(hertz) Hz")
        }
        for hertz in [to + 120, to + 500, 7_900] {
            #expect(try decibels(varied(tone(hertz), narrow)) < -60, "\(hertz) Hz")
        }
        let tooLow = from - 120
        if tooLow > 0 { #expect(try decibels(varied(tone(tooLow), narrow)) < -60) }
    }

    @Test func aBandFilterHasNoDelay() throws {
        var click = Array(repeating: Float(0), count: 1_000)
        click[500] = 1
        let heard = BandFilter(fromHz: 200, toHz: 4_000, sampleRate: 16_000).sound(of: click)
        #expect(heard.count == 1_000)
        #expect(heard.indices.max { heard[$0] < heard[$1] } == 500)
        #expect((1..<400).allSatisfy { abs(heard[500 - $0] - heard[500 + $0]) < 1e-7 })
    }

    @Test(arguments: [[], [0.5], [0.1, 0.2, 0.3]])
    func aClipShorterThanTheFilterKeepsItsLength(samples: [Float]) {
        let filter = BandFilter(fromHz: 200, toHz: 4_000, sampleRate: 16_000)
        #expect(filter.sound(of: samples).count == samples.count)
    }

    @Test(arguments: CodecPassage.Choice.Kind.allCases)
    func aCodecCopyIsSimilarButNotEqual(kind: CodecPassage.Choice.Kind) throws {
        let hasRate = kind == .opus || kind == .mp3
        let choice = CodecPassage.Choice(kind: kind, kilobits: hasRate ? [12, 24] : nil)
        let passage = augmentation(codec: CodecPassage(probability: 1, codecs: [choice]))
        let speech = try AudioClip(path: Fixtures.speech[1].path).samples
        let heard = try varied(speech, passage)
        #expect(heard.count == speech.count && heard != speech)
        #expect(try heard == varied(speech, passage))
        let product = zip(heard, speech).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let squares = [heard, speech].map { $0.reduce(0) { $0 + Double($1) * Double($1) } }
        #expect(product / (squares[0] * squares[1]).squareRoot() > 0.8)
    }

    @Test(arguments: [CodecPassage.Choice.Kind.gsm, .muLaw, .aLaw])
    func aTelephoneEndsAtFourKilohertz(kind: CodecPassage.Choice.Kind) throws {
        let passage = augmentation(
            codec: CodecPassage(probability: 1, codecs: [CodecPassage.Choice(kind: kind)])
        )
        #expect(try decibels(varied(tone(5_000), passage)) < -40)
        // At the telephone's rate an odd count is halved and rounded.
        #expect(try varied(Array(tone(500).prefix(15_999)), passage).count == 15_999)
    }

    @Test func variationsWithProbabilityZeroChangeNothing() throws {
        let speech = try AudioClip(path: Fixtures.speech[2].path).samples
        let never = augmentation(
            band: BandLimit(probability: 0, fromHz: [100, 300], toHz: [3_400, 7_000]),
            codec: CodecPassage(probability: 0, codecs: [CodecPassage.Choice(kind: .gsm)])
        )
        #expect(try varied(speech, never) == speech)
    }

    @Test(arguments: [
        (CodecPassage.Choice(kind: .gsm, kilobits: [8, 16]), "gsm has one bit rate; leave kilobits out"),
        (CodecPassage.Choice(kind: .opus), "opus needs kilobits"),
        (CodecPassage.Choice(kind: .mp3, kilobits: [16]), "kilobits must be two numbers, lowest and highest"),
        (CodecPassage.Choice(kind: .opus, kilobits: [1, 9]), "kilobits must be between 6 and 160"),
    ])
    func anInvalidBitRateIsAnError(choice: CodecPassage.Choice, problem: String) {
        let passage = CodecPassage(probability: 0.5, codecs: [choice])
        #expect(augmentation(codec: passage).problem == "codec.codecs: \(problem)")
    }

    @Test func anEmptyBandIsAnError() {
        let band = BandLimit(probability: 0.5, fromHz: [100, 4_000], toHz: [3_400, 7_000])
        #expect(augmentation(band: band).problem == "band.fromHz must be positive and below toHz")
    }
}
