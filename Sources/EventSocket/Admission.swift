// SPDX-License-Identifier: Apache-2.0
package import Glibc

/// Counts connections to one socket and decides who may come in. Pure.
package struct Admission {
    private let maximumClients: Int
    private let maximumClientsPerUser: Int
    private let onlyUser: uid_t?
    private var clientCounts: [uid_t: Int] = [:]
    private var clientCount = 0

    /// Nobody yet. Nobody but `onlyUser` and root may come in, if it is given.
    package init(maximumClients: Int, maximumClientsPerUser: Int, onlyUser: uid_t? = nil) {
        self.maximumClients = maximumClients
        self.maximumClientsPerUser = maximumClientsPerUser
        self.onlyUser = onlyUser
    }

    /// Whether there is no room for one more.
    package var isFull: Bool { clientCount >= maximumClients }

    /// Counts `peer` in, or says why not.
    package mutating func admit(_ peer: PeerIdentity?) throws(RequestError) -> PeerIdentity {
        guard let peer else {
            throw RequestError(code: .notPermitted, message: "the system does not say who connects")
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

    /// Counts `peer` out.
    package mutating func release(_ peer: PeerIdentity) {
        clientCount -= 1
        clientCounts[peer.userID, default: 1] -= 1
        if clientCounts[peer.userID] == 0 { clientCounts[peer.userID] = nil }
    }
}
