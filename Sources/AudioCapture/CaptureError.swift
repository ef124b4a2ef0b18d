// SPDX-License-Identifier: Apache-2.0
public import AudioFiles

/// Why there is no sound.
public struct CaptureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What happened. A program derives its exit code from ``Kind/category``.
    public enum Kind: Equatable, Sendable {
        /// No device has this name. Trying again helps when it is plugged in.
        case deviceMissing
        /// Another program holds the device. Trying again helps.
        case deviceBusy
        /// The device stopped delivering. Opening it again may help.
        case deviceFailed
        /// No sound server answers. Trying again helps when it is started.
        case serverUnreachable
        /// The device is there, but this user may not use it.
        case permissionDenied
        /// A rate, channel count or sample format that cannot be used.
        case formatRefused
        /// The file cannot be opened or is not audio.
        case fileUnreadable(AudioFileError.Reason)
        /// Standard input cannot be read, or is a terminal.
        case standardInput
        /// The name of a device has no meaning.
        case badSpecifier
        /// The operation was given up because the program stops.
        case interrupted
    }

    /// What an exit code says.
    public enum Category: Sendable {
        case device, permission, inputFile, usage
    }

    /// What happened.
    public let kind: Kind
    /// One sentence: what is wrong, where, and how to mend it.
    public let description: String
    /// The number that the system or the library gave, if there was one.
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
    /// Which exit code belongs to it.
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
