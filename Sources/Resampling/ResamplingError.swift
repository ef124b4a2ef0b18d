// SPDX-License-Identifier: Apache-2.0

/// The error for a conversion that libspeexdsp does not support.
public struct ResamplingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Requested input rate, in samples per second.
    public let inputRate: Int
    /// Requested output rate, in samples per second.
    public let outputRate: Int
    /// libspeexdsp's error code.
    public let code: Int32

    /// One sentence: what is wrong, and how to fix it.
    public var description: String {
        "cannot resample \(inputRate) Hz to \(outputRate) Hz; convert the audio to \(outputRate) Hz first"
    }
}
