// SPDX-License-Identifier: Apache-2.0
import Foundation
import StepKernels

/// Povey's window: a Hann window to the power 0.85, which Kaldi prefers because its edges fall faster than Hamming's.
func poveyWindow(_ count: Int) -> [Float] {
    (0..<count).map { n in
        Float(pow(0.5 - 0.5 * cos(2 * .pi * Double(n) / Double(count - 1)), 0.85))
    }
}

/// Triangles of equal width on the mel scale, peak 1, like Kaldi's.
///
/// In single precision like Kaldi's: a low band may have only one bin, near its edge, where the rounding of the mel
/// value shows in the third decimal of the logarithm.
struct MelFilterBank {
    /// Bins and weights of each band.
    let bands: [(first: Int, weights: [Float])]
    /// Frequency of each band's peak.
    let peaksHz: [Float]

    init(_ spectrum: FeatureSet.Spectrum) {
        let lowest = Self.mel(spectrum.lowestHz)
        let width = (Self.mel(spectrum.highestHz) - lowest) / Float(spectrum.bandCount + 1)
        let binWidthHz = Float(spectrum.sampleRate) / Float(spectrum.fftLengthSamples)
        bands = (0..<spectrum.bandCount).map { band in
            let left = lowest + Float(band) * width
            let peak = lowest + Float(band + 1) * width
            let right = lowest + Float(band + 2) * width
            var first = 0
            var weights: [Float] = []
            for bin in 0..<PowerSpectrum.binCount {
                let mel = Self.mel(binWidthHz * Float(bin))
                guard mel > left && mel < right else { continue }
                if weights.isEmpty { first = bin }
                weights.append(mel <= peak ? (mel - left) / (peak - left) : (right - mel) / (right - peak))
            }
            return (first, weights)
        }
        peaksHz = (0..<spectrum.bandCount).map { 700 * (exp((lowest + Float($0 + 1) * width) / 1127) - 1) }
    }

    /// 1127 ln(1 + f / 700), the mel scale of HTK and Kaldi.
    static func mel(_ hertz: Float) -> Float { 1127 * log(1 + hertz / 700) }
}
