// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Errors that end a client's connection.
public enum ClientError: Error, Equatable, CustomStringConvertible {
    /// No daemon answers at any of these paths.
    case unreachable(paths: [String], code: Int32)
    /// This user has no permission to connect.
    case permissionDenied(path: String)
    /// The peer uses another major version of the protocol, or another protocol.
    case protocolMismatch(String)
    /// A peer that closes a new connection before its first line: a daemon that is stopping, or another program.
    package static let noGreeting = ClientError.protocolMismatch(
        "it closed the connection before its first line"
    )
    /// The daemon answered with an error.
    case refused(code: String, message: String, hint: String?)
    /// No message arrived within the timeout.
    case timedOut
    /// The connection was lost.
    case broken(code: Int32)

    /// Error message, one sentence.
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
