// SPDX-License-Identifier: Apache-2.0
package import Glibc

/// User and process at the other end of a Unix socket, from the kernel.
package struct PeerIdentity: Sendable, Equatable {
    /// The user.
    package let userID: uid_t
    /// The process that connected; another one may hold the socket by now.
    package let processID: pid_t

    /// A known peer.
    package init(userID: uid_t, processID: pid_t) {
        self.userID = userID
        self.processID = processID
    }

    /// Reads `SO_PEERCRED`; nil if the kernel does not provide it.
    init?(of descriptor: CInt) {
        // The three members of `struct ucred`, which Swift does not import: process, user, group.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        userID = credentials.uid
        processID = credentials.pid
    }
}
