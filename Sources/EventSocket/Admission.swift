// SPDX-License-Identifier: Apache-2.0
package import Glibc

/// Counts connections to one socket and decides which clients are accepted. Pure.
package struct Admission {
    private let maximumClients: Int
    private let maximumClientsPerUser: Int
    private let onlyUser: uid_t?
    private var clientCounts: [uid_t: Int] = [:]
    private var clientCount = 0

    /// No connections yet. If `onlyUser` is given, only that user and root are accepted.
    package init(maximumClients: Int, maximumClientsPerUser: Int, onlyUser: uid_t? = nil) {
        self.maximumClients = maximumClients
        self.maximumClientsPerUser = maximumClientsPerUser
        self.onlyUser = onlyUser
    }

    /// True if no further connection is accepted.
    package var isFull: Bool { clientCount >= maximumClients }

    /// Counts a connection of `peer`, or throws the reason for the refusal.
    package mutating func admit(_ peer: PeerIdentity?) throws(RequestError) -> PeerIdentity {
        guard let peer else {
            throw RequestError(code: .notPermitted, message: "the system did not report the client's user")
        }
        if let onlyUser, peer.userID != onlyUser, peer.userID != 0 {
            throw RequestError(code: .notPermitted, message: "only the owner of the daemon may give commands")
        }
        guard clientCount < maximumClients else {
            throw RequestError(
                code: .tooManyClients,
                message: "too many clients (limit \(maximumClients))",
                hint: "raise clients.max"
            )
        }
        let own = clientCounts[peer.userID, default: 0]
        guard own < maximumClientsPerUser else {
            throw RequestError(
                code: .tooManyClients,
                message: "too many clients of user \(peer.userID) (limit \(maximumClientsPerUser))",
                hint: "raise clients.max_per_user"
            )
        }
        clientCount += 1
        clientCounts[peer.userID] = own + 1
        return peer
    }

    /// Removes a connection of `peer` from the count.
    package mutating func release(_ peer: PeerIdentity) {
        clientCount -= 1
        clientCounts[peer.userID, default: 1] -= 1
        if clientCounts[peer.userID] == 0 { clientCounts[peer.userID] = nil }
    }
}
