// SPDX-License-Identifier: Apache-2.0
import NIOCore

// Holds on the microphone, and the limit on control connections that keeps the owner able to connect.

extension Broker {
    /// Connections of the control socket that may hold the microphone closed at once. The others can be closed to let
    /// the owner in.
    private static let maximumHolders = 8

    func mute(_ request: MuteRequest, for peer: ControlPeer) -> ControlOutcome? {
        if request.isWhileConnected, !peer.isEventsClient,
            holders(except: peer.connection) >= Self.maximumHolders
        {
            return .refused(
                "\(Self.maximumHolders) connections already hold the microphone closed, the most allowed",
                hint: "set a hold without while_connected"
            )
        }
        return sources.mute(request, peer)
    }

    func muteProgress() -> MuteProgress { sources.muteProgress() }

    private func holders(except connection: UInt64) -> Int {
        clients.count { $0.role == .control && $0.isHoldingMute && $0.connection != connection }
    }

    /// Makes room for one more connection to the control socket by closing the one that has been idle longest.
    func makeRoomForTheOwner() {
        let others = clients.filter { $0.role == .control && !$0.isHoldingMute }
        let idle = others.filter(\.isIdle)
        guard let longest = (idle.isEmpty ? others : idle).min(by: { $0.lastRequest < $1.lastRequest }) else {
            return
        }
        end(longest, saying: .idle)
    }

    /// Runs the periodic checks. Called once a second.
    func tick() {
        let now = NIODeadline.now()
        let limit = TimeAmount(settings.idlePatience)
        for client in Array(clients) where client.isIdle && now - client.lastRequest >= limit {
            end(client, saying: .idle)
        }
        log.writeWithheld()
    }

    private func end(_ client: Client, saying why: ByeReason) {
        client.close(saying: why)
        remove(client)
    }
}
