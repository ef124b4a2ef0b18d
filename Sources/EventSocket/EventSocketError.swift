// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why a socket could not be opened for listening.
public enum EventSocketError: Error, Equatable, CustomStringConvertible {
    /// Another instance lives at this path. It is left alone.
    case alreadyRunning(path: String)
    /// A Unix socket's path has room for 107 bytes.
    case pathTooLong(path: String)
    /// The folder in which the socket should stand is not there.
    case folderMissing(path: String)
    /// Something that is no socket stands at the path. It is never removed.
    case notASocket(path: String)
    /// An inherited descriptor is no listening Unix socket.
    case notListening(name: String)
    /// A call of the system failed.
    case system(call: String, path: String, code: CInt)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .alreadyRunning(let path):
            "another instance is running at \(path); stop it first, or name another path"
        case .pathTooLong(let path):
            "the socket path \(path) has \(path.utf8.count) bytes, the system allows 107; choose a shorter one"
        case .folderMissing(let path):
            "there is no folder for the socket \(path); create it, or name another path"
        case .notASocket(let path):
            "\(path) is not a socket and is left untouched; remove it, or name another path"
        case .notListening(let name):
            "the inherited descriptor '\(name)' is not a listening Unix socket; check the socket unit"
        case .system(let call, let path, let code):
            "cannot open the socket \(path): \(call): \(String(cString: strerror(code)))"
        }
    }

    /// Whether the system refused for want of a permission.
    public var isPermissionDenied: Bool {
        if case .system(_, _, let code) = self {
            code == EACCES || code == EPERM || code == EROFS
        } else {
            false
        }
    }
}
