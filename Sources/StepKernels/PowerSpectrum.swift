// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// Power spectrum of one windowed frame, prepared as in Kaldi: mean removed, pre-emphasis, window, zero padding.
///
/// Holds only constant tables: one value may serve many streams. `step` never allocates.
public struct PowerSpectrum: Sendable {
    /// Length of the transform, in samples.
    public static let fftLength = Int(FEATURES_FFT_LENGTH)
    /// Number of bins, from 0 up to but excluding the Nyquist frequency.
    public static let binCount = Int(FEATURES_BIN_COUNT)

    private let window: [Float]
    private let preemphasis: Float
    private let twiddles: [Float]

    /// `window` has one factor for each sample of a frame, at most `fftLength`.
    public init(window: [Float], preemphasis: Float) {
        precondition((1...Self.fftLength).contains(window.count), "window of \(window.count) samples")
        self.window = window
        self.preemphasis = preemphasis
        twiddles = Array(unsafeUninitializedCapacity: Int(features_twiddle_count())) { table, count in
            features_twiddles(table.baseAddress)
            count = table.count
        }
    }

    /// Writes |DFT|² of the `window.count` samples from index `start` on to `power` `[binCount]`; `scratch` is `[fftLength]`.
    public func step(_ samples: [Float], from start: Int, scratch: inout [Float], power: inout [Float]) {
        precondition(
            start >= 0 && start + window.count <= samples.count,
            "window at \(start) of \(samples.count)"
        )
        precondition(scratch.count == Self.fftLength && power.count == Self.binCount)
        scratch.withUnsafeMutableBufferPointer { scratch in
            samples.withUnsafeBufferPointer { samples in
                guard let base = samples.baseAddress else { return }
                features_window(base + start, window, Int32(window.count), preemphasis, scratch.baseAddress)
            }
            power.withUnsafeMutableBufferPointer { power in
                features_power(scratch.baseAddress, twiddles, power.baseAddress)
            }
        }
    }
}

/// Weighted sums over neighbouring bins: the filter bank after a power spectrum. Holds only constant tables.
public struct SpectrumBands: Sendable {
    /// Number of bands.
    public var count: Int { first.count }
    private let first: [Int32]
    private let length: [Int32]
    private let weights: [Float]

    /// Band b weights the bins from `bands[b].first` on with `bands[b].weights`.
    public init(_ bands: [(first: Int, weights: [Float])]) {
        for band in bands {
            precondition(
                band.first >= 0 && band.first + band.weights.count <= PowerSpectrum.binCount,
                "band from bin \(band.first) with \(band.weights.count) weights"
            )
        }
        first = bands.map { Int32($0.first) }
        length = bands.map { Int32($0.weights.count) }
        weights = bands.flatMap(\.weights)
    }

    /// Writes the sums of `power` `[binCount]` to `energies` `[count]`.
    public func step(_ power: [Float], into energies: inout [Float]) {
        precondition(power.count == PowerSpectrum.binCount && energies.count == count)
        energies.withUnsafeMutableBufferPointer { energies in
            power.withUnsafeBufferPointer { power in
                features_bands(
                    power.baseAddress,
                    first,
                    length,
                    weights,
                    Int32(count),
                    energies.baseAddress
                )
            }
        }
    }
}

/// Replaces each value by the natural logarithm of the larger of it and `floor`, a normal positive number.
///
/// Error at most 1.2e-7 of the result, or of 1 near it: Cephes' single-precision polynomial (Moshier 1992).
public func naturalLogarithms(_ values: inout [Float], floor: Float) {
    precondition(floor >= Float.leastNormalMagnitude, "floor \(floor)")
    values.withUnsafeMutableBufferPointer { features_log($0.baseAddress, Int32($0.count), floor) }
}

/// Copies samples to `clean` from index `start` on; NaN becomes 0, and values outside `-limit...limit` are clamped.
public func sanitise(_ samples: Span<Float>, limit: Float, into clean: inout [Float], from start: Int) {
    precondition(
        start >= 0 && start + samples.count <= clean.count,
        "\(samples.count) samples at \(start) of \(clean.count)"
    )
    clean.withUnsafeMutableBufferPointer { clean in
        samples.withUnsafeBufferPointer { samples in
            guard let from = samples.baseAddress, let to = clean.baseAddress else { return }
            features_sanitise(from, Int32(samples.count), limit, to + start)
        }
    }
}
