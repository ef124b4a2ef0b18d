// SPDX-License-Identifier: Apache-2.0
public import AudioFiles

/// Failure of a source.
public struct CaptureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Kind of failure. A program derives its exit code from ``Kind/category``.
    public enum Kind: Equatable, Sendable {
        /// No device has this name. A retry succeeds after the device is plugged in.
        case deviceMissing
        /// Another program has opened the device. A retry may succeed.
        case deviceBusy
        /// The device stopped delivering samples. Opening it again may help.
        case deviceFailed
        /// No sound server answers. A retry succeeds after the server is started.
        case serverUnreachable
        /// The device exists, but this user has no permission to use it.
        case permissionDenied
        /// The rate, channel count or sample format is not supported.
        case formatRefused
        /// The file cannot be opened or is not audio.
        case fileUnreadable(AudioFileError.Reason)
        /// Standard input cannot be read, or is a terminal.
        case standardInput
        /// The device specifier is invalid.
        case badSpecifier
        /// The operation was interrupted because the program stops.
        case interrupted
    }

    /// Groups of failures that share an exit code.
    public enum Category: Sendable {
        case device, permission, inputFile, usage
    }

    /// Kind of failure.
    public let kind: Kind
    /// One sentence: what is wrong, where, and how to fix it.
    public let description: String
    /// Error number of the system or the library, if there is one.
    public let code: Int32?

    init(_ kind: Kind, _ description: String, code: Int32? = nil) {
        self.kind = kind
        self.description = description
        self.code = code
    }

    init(_ error: AudioFileError, _ description: String? = nil) {
        self.init(.fileUnreadable(error.reason), description ?? error.description)
    }
}

extension CaptureError.Kind {
    /// Group that determines the exit code.
    public var category: CaptureError.Category {
        switch self {
        case .deviceMissing, .deviceBusy, .deviceFailed, .serverUnreachable, .formatRefused, .interrupted:
            .device
        case .permissionDenied: .permission
        case .fileUnreadable, .standardInput: .inputFile
        case .badSpecifier: .usage
        }
    }
}
