// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Addresses of Unix sockets for system calls.
enum UnixAddress {
    /// Longest path that any program can connect to, in bytes: the field of 108 less a final zero.
    static let maximumPathLength = 107

    /// Binds `descriptor`; the path may have one byte more than ``maximumPathLength``. -1 and `errno` on failure.
    static func bind(_ descriptor: CInt, to path: String) -> CInt {
        withAddress(path) { Glibc.bind(descriptor, $0, $1) }
    }

    /// Connects `descriptor`. -1 and `errno` on failure.
    static func connect(_ descriptor: CInt, to path: String) -> CInt {
        withAddress(path) { Glibc.connect(descriptor, $0, $1) }
    }

    /// Returns true if `descriptor` is a Unix stream socket.
    static func isUnix(_ descriptor: CInt) -> Bool {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 && address.sun_family == sa_family_t(AF_UNIX)
    }

    /// The path to which `descriptor` is bound; nil for none.
    static func path(of descriptor: CInt) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0, Int(length) > MemoryLayout<sa_family_t>.size else { return nil }
        let bytes = withUnsafeBytes(of: address.sun_path) { Array($0.prefix { $0 != 0 }) }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count <= capacity else {
            errno = ENAMETOOLONG
            return -1
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
