// SPDX-License-Identifier: Apache-2.0
import Foundation
import StepKernels
import TestSupport
import Testing

@Suite struct KernelTests {
    private func random(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }

    @Test func thePowerSpectrumIsTheFourierSum() {
        let samples = random(400, seed: 1)
        let spectrum = PowerSpectrum(window: Array(repeating: 1, count: 400), preemphasis: 0)
        var scratch = [Float](repeating: 0, count: PowerSpectrum.fftLength)
        var power = [Float](repeating: 0, count: PowerSpectrum.binCount)
        spectrum.step(samples, from: 0, scratch: &scratch, power: &power)
        let mean = samples.map(Double.init).reduce(0, +) / 400
        for bin in 0..<PowerSpectrum.binCount {
            var (re, im) = (0.0, 0.0)
            for n in 0..<400 {
                let angle = 2 * .pi * Double(n * bin) / 512
                re += (Double(samples[n]) - mean) * cos(angle)
                im -= (Double(samples[n]) - mean) * sin(angle)
            }
            #expect(abs(Double(power[bin]) - (re * re + im * im)) < 1e-3, "bin \(bin)")
        }
    }

    @Test func bandsAreWeightedSums() {
        let power = random(256, seed: 2)
        let bands = SpectrumBands([
            (3, [0.5]), (4, []), (10, random(17, seed: 3)), (250, [1, 2, 3, 4, 5, 6]),
        ])
        var energies = [Float](repeating: .nan, count: 4)
        bands.step(power, into: &energies)
        let weights = random(17, seed: 3)
        #expect(energies[0] == 0.5 * power[3])
        #expect(energies[1] == 0)
        #expect(abs(energies[2] - (0..<17).map { weights[$0] * power[10 + $0] }.reduce(0, +)) < 1e-5)
        #expect(abs(energies[3] - (0..<6).map { Float($0 + 1) * power[250 + $0] }.reduce(0, +)) < 1e-5)
    }

    @Test func logarithmsAreExactToSinglePrecision() {
        let exact = stride(from: -80.0, through: 80.0, by: 0.037).map { Float(exp($0)) }
        var values = exact + [0, -1, .nan]
        naturalLogarithms(&values, floor: 1e-30)
        for (value, x) in zip(values, exact) {
            let truth = log(max(Double(x), 1e-30))
            #expect(abs(Double(value) - truth) <= 1.2e-7 * max(1, abs(truth)), "ln \(x)")
        }
        #expect(values.suffix(3).allSatisfy { abs($0 - log(1e-30)) < 1e-4 })
    }

    @Test func halvingFiltersAndSkips() {
        let samples = random(60, seed: 4)
        let taps = random(7, seed: 5)
        var halved = [Float](repeating: 0, count: 20)
        filterToHalfRate(samples, from: 3, taps: taps, into: &halved)
        for i in 0..<20 {
            let sum = (0..<7).map { taps[$0] * samples[3 + 2 * i + $0] }.reduce(0, +)
            #expect(abs(halved[i] - sum) < 1e-5)
        }
    }

    @Test func correlationIsNormalised() {
        let (window, firstLag, lags) = (100, 15, 128)
        let values = random(window + firstLag + lags, seed: 6)
        var correlations = [Float](repeating: 0, count: lags)
        correlate(values, window: window, firstLag: firstLag, ballast: 0, into: &correlations)
        let newest = values.count - window
        for i in 0..<lags {
            let past = newest - firstLag - i
            var (product, energy, pastEnergy) = (0.0, 0.0, 0.0)
            for n in 0..<window {
                let (x, y) = (Double(values[newest + n]), Double(values[past + n]))
                (product, energy, pastEnergy) = (product + x * y, energy + x * x, pastEnergy + y * y)
            }
            let truth = product / (energy * pastEnergy).squareRoot()
            #expect(abs(Double(correlations[i]) - truth) < 1e-5, "lag \(firstLag + i)")
        }
    }

    @Test func invalidSamplesAreSanitised() {
        let dirty: [Float] = [0.5, .nan, .infinity, -.infinity, 100, -100, -0.25] + random(30, seed: 7)
        var clean = [Float](repeating: 9, count: dirty.count + 2)
        sanitise(dirty.span, limit: 32, into: &clean, from: 1)
        #expect(Array(clean[1...7]) == [0.5, 0, 32, -32, 32, -32, -0.25])
        #expect(Array(clean[8..<38]) == Array(dirty[7...]))
        #expect(clean[0] == 9 && clean[38] == 9)
    }
}
