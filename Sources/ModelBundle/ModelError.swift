// SPDX-License-Identifier: Apache-2.0

/// The reason why a model cannot be used. Programs that end because of it exit with code 5.
public enum ModelError: Error, Hashable, Sendable {
    /// A file or folder could not be opened or read, or is not a regular file.
    case unreadable(path: String, reason: String)
    /// A file was read, but its contents are invalid.
    case malformed(path: String, reason: String)
    /// The weights are not those that `config.json` was written for.
    case altered(path: String, expected: String, actual: String)
    /// The model is valid, but this program cannot run models of its kind.
    case incompatible(reason: String)
    /// A file could not be written; the previous file is unchanged.
    case unwritable(path: String, reason: String)
}

extension ModelError: CustomStringConvertible {
    /// One sentence: what is wrong, where, and how to fix it.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "The model file \(path) cannot be read: \(reason)."
        case .malformed(let path, let reason):
            "The model file \(path) is damaged (\(reason)); install or export the model again."
        case .altered(let path, let expected, let actual):
            """
            The model file \(path) is not the one its config.json belongs to (SHA-256 \(actual.prefix(12))... \
            instead of \(expected.prefix(12))...); install or export the model again.
            """
        case .incompatible(let reason):
            "This model does not fit this program: \(reason)."
        case .unwritable(let path, let reason):
            "\(path) cannot be written: \(reason)."
        }
    }
}
