// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Counts connections and decides who may come in. Pure.
struct Admission {
    private let maximumClients: Int
    private let maximumClientsPerUser: Int
    private let owner: uid_t
    private var clientCounts: [uid_t: Int] = [:]
    private var clientCount = 0

    init(_ settings: EventServerSettings, owner: uid_t = geteuid()) {
        maximumClients = settings.maximumClients
        maximumClientsPerUser = settings.maximumClientsPerUser
        self.owner = owner
    }

    /// Counts `peer` in, or says why not.
    mutating func admit(_ peer: PeerIdentity?, role: SocketRole) throws(RequestError) -> PeerIdentity {
        guard let peer else {
            throw RequestError(code: .notPermitted, message: "the system does not say who connects")
        }
        guard role == .events || peer.userID == owner || peer.userID == 0 else {
            throw RequestError(code: .notPermitted, message: "only the owner of the daemon may give commands")
        }
        guard clientCount < maximumClients else {
            throw RequestError(
                code: .tooManyClients,
                message: "\(maximumClients) clients are connected, as many as are accepted",
                hint: "raise the limit of clients in the daemon's configuration"
            )
        }
        let own = clientCounts[peer.userID, default: 0]
        guard own < maximumClientsPerUser else {
            throw RequestError(
                code: .tooManyClients,
                message: "user \(peer.userID) has \(own) clients, as many as are accepted",
                hint: "raise the limit of clients per user in the daemon's configuration"
            )
        }
        clientCount += 1
        clientCounts[peer.userID] = own + 1
        return peer
    }

    /// Counts `peer` out.
    mutating func release(_ peer: PeerIdentity) {
        clientCount -= 1
        clientCounts[peer.userID, default: 1] -= 1
        if clientCounts[peer.userID] == 0 { clientCounts[peer.userID] = nil }
    }
}
