// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Kaldi's log-mel frame from its formulas, in double precision and with a plain Fourier sum: slow, but exact.
struct NaiveLogMel {
    private let window = (0..<400).map { pow(0.5 - 0.5 * cos(2 * .pi * Double($0) / 399), 0.85) }

    func frame(_ samples: ArraySlice<Float>) -> [Double] {
        let scaled = samples.map { Double($0) * 32_768 }
        let mean = scaled.reduce(0, +) / Double(scaled.count)
        let centred = scaled.map { $0 - mean }
        let shaped = centred.indices.map { n in
            (centred[n] - 0.97 * centred[max(0, n - 1)]) * window[n]
        }
        let power = (0..<257).map { bin in
            var (re, im) = (0.0, 0.0)
            for (n, x) in shaped.enumerated() {
                re += x * cos(2 * .pi * Double(bin * n % 512) / 512)
                im -= x * sin(2 * .pi * Double(bin * n % 512) / 512)
            }
            return re * re + im * im
        }
        return (0..<80).map { log(max(1.1920929e-7, energy(of: $0, power))) }
    }

    private func energy(of band: Int, _ power: [Double]) -> Double {
        func mel(_ hertz: Double) -> Double { 1127 * log(1 + hertz / 700) }
        let width = (mel(8000) - mel(20)) / 81
        let left = mel(20) + Double(band) * width
        return power.indices.reduce(0) { sum, bin in
            let place = (mel(31.25 * Double(bin)) - left) / width
            return sum + max(0, min(place, 2 - place)) * power[bin]
        }
    }
}
