// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Checks that a process listens at a Unix socket.
enum LocalSocket {
    /// Connects and closes the connection at once; never waits.
    ///
    /// - Returns: 0, or the error's number.
    static func connect(_ path: String) -> Int32 {
        let descriptor = socket(
            AF_UNIX,
            CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue),
            0
        )
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return ENAMETOOLONG }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // A full queue means that a process listens, but slowly.
        return result == 0 || errno == EAGAIN ? 0 : errno
    }
}
