// SPDX-License-Identifier: Apache-2.0
import Foundation
import StepKernels

/// Natural logarithms of the mel energies of one window; equals Kaldi's `fbank` (povey window, dither 0).
///
/// Independent of streams and levels: one window in, one vector out. `step` never allocates.
public struct LogMelSpectrum: Sendable {
    /// Kaldi's smallest energy: the single-precision epsilon.
    public static let energyFloor: Float = 1.1920929e-7
    /// Kaldi reads 16-bit integers.
    private static let sampleScale: Float = 32_768

    /// The last frame, `[bandCount]`: -15.94 for silence, about 20 for loud speech.
    public private(set) var logMel: [Float]
    /// Logarithm of the mean of the energies.
    public private(set) var logMean: Float = 0

    private let power: PowerSpectrum
    private let bands: SpectrumBands
    private var scratch = [Float](repeating: 0, count: PowerSpectrum.fftLength)
    private var bins = [Float](repeating: 0, count: PowerSpectrum.binCount)

    /// Prepares the tables of a set that passed ``FeatureSet/check()``.
    public init(_ spectrum: FeatureSet.Spectrum) { self.init(spectrum, MelFilterBank(spectrum)) }

    init(_ spectrum: FeatureSet.Spectrum, _ bank: MelFilterBank) {
        logMel = Array(repeating: 0, count: bank.bands.count)
        // Everything before the logarithm is linear up to the window, so the window includes the scale.
        let window = poveyWindow(spectrum.windowSamples).map { $0 * Self.sampleScale }
        power = PowerSpectrum(window: window, preemphasis: spectrum.preemphasis)
        bands = SpectrumBands(bank.bands)
    }

    /// Clears the last window and its result.
    public mutating func reset() {
        for i in scratch.indices { scratch[i] = 0 }
        for i in bins.indices { bins[i] = 0 }
        for i in logMel.indices { logMel[i] = 0 }
        logMean = 0
    }

    /// Computes ``logMel`` and ``logMean`` of the window that begins at index `start` of `samples` (full scale -1...1).
    public mutating func step(_ samples: [Float], from start: Int) {
        power.step(samples, from: start, scratch: &scratch, power: &bins)
        bands.step(bins, into: &logMel)
        var total: Float = 0
        for energy in logMel { total += energy }
        logMean = log(max(total / Float(logMel.count), Self.energyFloor))
        naturalLogarithms(&logMel, floor: Self.energyFloor)
    }
}
