// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why a client cannot go on.
public enum ClientError: Error, Equatable, CustomStringConvertible {
    /// No daemon answers at any of these paths. Starting one helps.
    case unreachable(paths: [String], code: Int32)
    /// The system does not let this user in.
    case permissionDenied(path: String)
    /// The other side speaks another major version of the protocol, or none.
    case protocolMismatch(String)
    /// The daemon answered with an error.
    case refused(code: String, message: String, hint: String?)
    /// Nothing came within the time allowed.
    case timedOut
    /// The connection broke.
    case broken(code: Int32)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .unreachable(let paths, let code):
            "no daemon answers at \(paths.joined(separator: " or ")) (\(String(cString: strerror(code)))); "
                + "is undertoned running?"
        case .permissionDenied(let path):
            "no permission to connect to \(path); ask to join the group that may"
        case .protocolMismatch(let reason): "the daemon speaks another protocol: \(reason)"
        case .refused(_, let message, let hint):
            "the daemon refused: \(message)" + (hint.map { " (\($0))" } ?? "")
        case .timedOut: "the daemon did not answer in time"
        case .broken(let code): "the connection to the daemon broke: \(String(cString: strerror(code)))"
        }
    }
}
