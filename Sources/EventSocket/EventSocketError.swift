// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Errors of opening a listening socket.
public enum EventSocketError: Error, Equatable, CustomStringConvertible {
    /// Another instance uses this path; it is not disturbed.
    case alreadyRunning(path: String)
    /// A Unix socket's path has room for 107 bytes.
    case pathTooLong(path: String)
    /// The socket's folder does not exist.
    case folderMissing(path: String)
    /// The path is not a socket; it is never removed.
    case notASocket(path: String)
    /// An inherited descriptor is not a listening Unix socket.
    case notListening(name: String)
    /// A system call failed.
    case system(call: String, path: String, code: CInt)

    /// Error message, one sentence.
    public var description: String {
        switch self {
        case .alreadyRunning(let path):
            "another instance is running at \(path); stop it first, or name another path"
        case .pathTooLong(let path):
            "the socket path \(path) has \(path.utf8.count) bytes, the system allows 107; choose a shorter one"
        case .folderMissing(let path):
            "no folder for the socket \(path); create it, or name another path"
        case .notASocket(let path):
            "\(path) is not a socket and is left untouched; remove it, or name another path"
        case .notListening(let name):
            "the inherited descriptor '\(name)' is not a listening Unix socket; check the socket unit"
        case .system(let call, let path, let code):
            "cannot open the socket \(path): \(call): \(String(cString: strerror(code)))"
        }
    }

    /// True if the system call failed because of missing permission.
    public var isPermissionDenied: Bool {
        if case .system(_, _, let code) = self {
            code == EACCES || code == EPERM || code == EROFS
        } else {
            false
        }
    }
}
