// SPDX-License-Identifier: Apache-2.0
import Foundation
import Resampling
import TestSupport
import Testing

@Suite struct WholeSignalTests {
    private func tone(_ hertz: Double, seconds: Double, rate: Int) -> [Float] {
        (0..<Int(seconds * Double(rate))).map {
            Float(0.5 * sin(2 * .pi * hertz * Double($0) / Double(rate)))
        }
    }

    @Test(arguments: [(44_100, 16_000), (16_000, 8_000), (8_000, 16_000), (17_600, 16_000), (14_473, 16_000)])
    func aToneKeepsItsPlaceLengthAndLevel(inputRate: Int, outputRate: Int) throws {
        let result = try resampled(tone(700, seconds: 1, rate: inputRate), from: inputRate, to: outputRate)
        let wanted = tone(700, seconds: 1, rate: outputRate)
        #expect(result.count == outputRate)
        let errors = zip(result, wanted).map { abs($0 - $1) }
        #expect(errors[500..<outputRate - 500].max() ?? 1 < 2e-3)
    }

    @Test func theSameRateChangesNothing() throws {
        let speech = tone(200, seconds: 0.1, rate: 16_000)
        #expect(try resampled(speech, from: 16_000, to: 16_000) == speech)
    }

    @Test(arguments: [0, 1, 2, 159])
    func aShortSignalKeepsItsLength(count: Int) throws {
        let short = Array(repeating: Float(0.1), count: count)
        #expect(try resampled(short, from: 8_000, to: 16_000).count == 2 * count)
    }

    @Test(arguments: [(0, 16_000), (16_000, 0), (-1, 16_000)])
    func anInvalidRateIsReported(inputRate: Int, outputRate: Int) {
        let error = #expect(throws: ResamplingError.self) {
            try resampled([0.5], from: inputRate, to: outputRate)
        }
        #expect(error?.description.contains("\(inputRate) Hz") == true)
    }
}
