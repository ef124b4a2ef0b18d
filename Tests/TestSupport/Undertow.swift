// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Low-frequency sound that must not count as noise.
public enum Undertow: String, CaseIterable, Sendable {
    /// An offset of a tenth of full scale.
    case offset
    /// 25 Hz at -20 dB.
    case rumble
    /// 50 Hz at -23 dB.
    case europeanHum
    /// 60 Hz at -23 dB.
    case americanHum

    /// Returns `samples` (16 kHz) with this sound added, from the first sample on.
    public func added(to samples: [Float]) -> [Float] {
        switch self {
        case .offset: samples.map { $0 + 0.1 }
        case .rumble: mixed(samples, hertz: 25, decibels: -20)
        case .europeanHum: mixed(samples, hertz: 50, decibels: -23)
        case .americanHum: mixed(samples, hertz: 60, decibels: -23)
        }
    }

    /// The level is the root mean square.
    private func mixed(_ samples: [Float], hertz: Double, decibels: Double) -> [Float] {
        let amplitude = pow(10, decibels / 20) * 2.squareRoot()
        return samples.indices.map {
            samples[$0] + Float(amplitude * sin(2 * .pi * hertz * Double($0) / 16_000 + 1))
        }
    }
}
