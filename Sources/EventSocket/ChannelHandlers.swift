// SPDX-License-Identifier: Apache-2.0
import NIOCore
import SampleRing

/// Passes received bytes of one connection to its client.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let broker: Broker
    private let role: SocketRole
    private var client: Client?

    init(_ broker: Broker, role: SocketRole) {
        self.broker = broker
        self.role = role
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        _ = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) {
            client = broker.admit(channel, descriptor: $0, role: role)
        }
        // Only once `client` is set: the client may be gone already, and then this call runs `channelInactive`.
        client?.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client?.receive(Array(buffer: unwrapInboundIn(data)))
    }

    /// Handles the end of requests; the client may still read.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { client?.inputEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let client { broker.remove(client) }
        client = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Peer disconnected mid-write; expected.
        context.close(promise: nil)
    }
}

/// Drains the ring of events whenever its bell rings.
final class WakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let broker: Broker
    private let arrived: WakeSignal

    init(_ broker: Broker, arrived: WakeSignal) {
        self.broker = broker
        self.arrived = arrived
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrived.acknowledgeTakenByte()
        drain(context.eventLoop)
    }

    private func drain(_ loop: any EventLoop) {
        guard broker.drain() else { return }
        loop.assumeIsolated().execute { self.drain(loop) }
    }
}
