// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// Second-order recursive filters in series; coefficients and state are in double precision.
///
/// The output does not depend on how the signal is split. `step` never allocates.
public struct SecondOrderSections: Sendable {
    /// One filter: (b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²).
    public struct Section: Sendable {
        let values: [Double]

        /// A section with these coefficients.
        public init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
            values = [b0, b1, b2, a1, a2]
        }
    }

    private let coefficients: [Double]
    private var state: [Double]

    /// Creates a filter in the state after a signal of zeros.
    public init(_ sections: [Section]) {
        coefficients = sections.flatMap(\.values)
        state = Array(repeating: 0, count: 2 * sections.count)
    }

    /// Sets the state that follows a constant signal of `value`.
    public mutating func settle(at value: Double) {
        var input = value
        for section in 0..<state.count / 2 {
            let (b0, b1, b2) = (coefficient(0, section), coefficient(1, section), coefficient(2, section))
            let (a1, a2) = (coefficient(3, section), coefficient(4, section))
            let output = input * (b0 + b1 + b2) / (1 + a1 + a2)
            state[2 * section + 1] = b2 * input - a2 * output
            state[2 * section] = b1 * input - a1 * output + state[2 * section + 1]
            input = output
        }
    }

    /// Filters `count` values of `samples` from index `start` on, in place.
    public mutating func step(_ samples: inout [Float], from start: Int, count: Int) {
        precondition(
            start >= 0 && count >= 0 && start + count <= samples.count,
            "\(count) samples at \(start) of \(samples.count)"
        )
        let (sections, coefficients) = (Int32(state.count / 2), coefficients)
        samples.withUnsafeMutableBufferPointer { samples in
            state.withUnsafeMutableBufferPointer { state in
                guard let base = samples.baseAddress, let state = state.baseAddress else { return }
                features_sections(base + start, Int32(count), coefficients, state, sections)
            }
        }
    }

    private func coefficient(_ index: Int, _ section: Int) -> Double { coefficients[5 * section + index] }
}
