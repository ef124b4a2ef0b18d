// SPDX-License-Identifier: Apache-2.0

/// A change of rate that libspeexdsp does not make.
public struct ResamplingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Samples per second that were to come in.
    public let inputRate: Int
    /// Samples per second that were to come out.
    public let outputRate: Int
    /// libspeexdsp's own number.
    public let code: Int32

    /// One sentence: what is wrong, and how to mend it.
    public var description: String {
        "cannot resample \(inputRate) Hz to \(outputRate) Hz; convert the audio to \(outputRate) Hz first"
    }
}
