// SPDX-License-Identifier: Apache-2.0
import Glibc
import PlainText

/// Reports the daemon's state to the service manager (sd_notify(3)): one datagram of `KEY=value` lines to the socket
/// that `NOTIFY_SOCKET` names. Does nothing without that variable.
///
/// Avoids a dependency on libsystemd, whose build includes half of the service manager.
public struct SystemdNotifier: Sendable {
    private let path: String?
    /// Time without a ``watchdog()`` call after which the manager restarts this process; nil if it does not watch.
    public let watchdogInterval: Duration?

    /// Takes the socket's path from `environment`; a leading `@` means an abstract socket.
    public init(environment: [String: String]) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Reports that the daemon answers its clients from now on.
    @discardableResult
    public func ready(status: String) -> Bool { send("READY=1\nSTATUS=\(plainText(status))") }

    /// Reports that the configuration is being read again; ``ready(status:)`` reports the end.
    @discardableResult
    public func reloading() -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
        return send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=reloading")
    }

    /// Reports that the daemon is healthy; to be called within each ``watchdogInterval``.
    @discardableResult
    public func watchdog() -> Bool { send("WATCHDOG=1") }

    /// Reports one line for `systemctl status`.
    @discardableResult
    public func status(_ text: String) -> Bool { send("STATUS=\(plainText(text))") }

    /// Reports that the daemon began to shut down.
    @discardableResult
    public func stopping() -> Bool { send("STOPPING=1\nSTATUS=stopping") }

    /// Returns true if the manager's socket took the message; never waits.
    private func send(_ message: String) -> Bool {
        guard let path, var address = unixAddress(path) else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The size, not a terminating zero, ends an abstract name, so the exact size must be given.
        let size = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
        let bytes = Array(message.utf8)
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, flags, $0, size)
            }
        }
        return sent == bytes.count
    }

    private func unixAddress(_ path: String) -> sockaddr_un? {
        var address = sockaddr_un()
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        if path.hasPrefix("@") { address.sun_path.0 = 0 }
        return address
    }
}
