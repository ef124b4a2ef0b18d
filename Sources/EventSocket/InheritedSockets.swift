// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The sockets that a service manager opened for us (`sd_listen_fds_with_names`, systemd).
///
/// Names come from `FileDescriptorName=` of the socket unit: `events` and `control`.
public struct InheritedSockets: Sendable, Equatable {
    /// Descriptors by name.
    public let descriptors: [String: CInt]

    /// Reads `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`.
    ///
    /// Empty if they are missing, malformed, or for another process than `processID` (nil: this one).
    public init(environment: [String: String], processID: Int32? = nil) {
        let first: CInt = 3
        guard environment["LISTEN_PID"].flatMap(Int32.init) == processID ?? getpid(),
            let count = environment["LISTEN_FDS"].flatMap(CInt.init), (1...64).contains(count)
        else {
            descriptors = [:]
            return
        }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(
            separator: ":",
            omittingEmptySubsequences: false
        )
        let pairs = zip(names.map(String.init), first..<first + count)
        descriptors = Dictionary(pairs) { first, _ in first }
    }

    /// Prevents child processes from inheriting the descriptors.
    public func closeOnExec() {
        for descriptor in descriptors.values { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }
}
