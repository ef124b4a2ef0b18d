// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// Group size of the lags in ``correlate(_:window:firstLag:ballast:into:)``: the number of lags is a multiple of this.
public let correlationLagGroup = Int(FEATURES_LAG_GROUP)

/// Every second output of a symmetric filter: `halved[i] = sum over k of taps[k] samples[start + 2 i + k]`.
///
/// Reads 2 (`halved.count` - 1) + `taps.count` samples; at most 64 taps.
public func filterToHalfRate(_ samples: [Float], from start: Int, taps: [Float], into halved: inout [Float]) {
    precondition(
        start >= 0 && start + 2 * (halved.count - 1) + taps.count <= samples.count,
        "\(halved.count) outputs, \(taps.count) taps at \(start) of \(samples.count) samples"
    )
    precondition(taps.count <= 64, "\(taps.count) taps")
    halved.withUnsafeMutableBufferPointer { halved in
        samples.withUnsafeBufferPointer { samples in
            guard let base = samples.baseAddress else { return }
            features_halve(base + start, taps, Int32(taps.count), Int32(halved.count), halved.baseAddress)
        }
    }
}

/// Subtracts the mean.
public func removeMean(_ values: inout [Float]) {
    values.withUnsafeMutableBufferPointer { features_centre($0.baseAddress, Int32($0.count)) }
}

/// Normalised correlation of the newest `window` values with earlier ones, one for each lag from `firstLag` on.
///
/// Σ x[n] x[n - lag] / √(Σ x[n]² Σ x[n - lag]² + ballast), n over the window: -1...1.
/// `values.count` = `window` + `firstLag` + `correlations.count`.
/// Reference: Talkin 1995 (RAPT), equation 5.
public func correlate(
    _ values: [Float],
    window: Int,
    firstLag: Int,
    ballast: Double,
    into correlations: inout [Float]
) {
    let lags = correlations.count
    precondition(lags.isMultiple(of: correlationLagGroup), "\(lags) lags")
    precondition(values.count == window + firstLag + lags, "\(values.count) values")
    correlations.withUnsafeMutableBufferPointer { correlations in
        values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            features_correlate(
                base + values.count,
                Int32(window),
                Int32(firstLag),
                Int32(lags),
                ballast,
                correlations.baseAddress
            )
        }
    }
}
