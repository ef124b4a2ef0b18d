// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Who is at the other end of a Unix socket, as the kernel knows it.
struct PeerIdentity: Sendable, Equatable {
    let userID: uid_t
    let processID: pid_t

    /// Asks the kernel (`SO_PEERCRED`); nil if it does not know.
    init?(of descriptor: CInt) {
        // The three members of `struct ucred`, which Swift does not see: process, user, group.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        userID = credentials.uid
        processID = credentials.pid
    }
}
