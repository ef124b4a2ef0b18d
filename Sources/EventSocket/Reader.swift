// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import NIOCore

/// One connection: reads its requests, keeps what waits for it, writes when it listens.
///
/// - Thread: the event loop only.
final class Reader {
    /// How much is written at once, in bytes.
    private static let writeSize = 32 * 1_024

    let peer: PeerIdentity
    let role: SocketRole
    /// What the client calls itself.
    private(set) var name: String?
    private let socket: ReaderSocket
    private let parser: RequestParser
    private let desk: any RequestDesk
    private let maximumSubscriptions: Int
    private var framer = LineFramer()
    private var outbox: Outbox
    private var subscriptionCount = 0

    init(
        _ socket: ReaderSocket,
        peer: PeerIdentity,
        role: SocketRole,
        settings: EventServerSettings,
        desk: any RequestDesk
    ) {
        self.socket = socket
        self.peer = peer
        self.role = role
        self.desk = desk
        parser = RequestParser(role: role, modelLabels: desk.labels)
        maximumSubscriptions = settings.maximumSubscriptions
        outbox = Outbox(byteLimit: settings.waitingByteLimit)
        socket.onWritable = { [unowned self] in flush() }
        socket.onStuck = { [unowned self] in close(saying: .slowReader) }
    }

    var subscriptions: Int { outbox.subscribers.count }
    var droppedCount: UInt64 { outbox.droppedCount }

    /// Takes bytes from the client.
    func receive(_ bytes: ByteBufferView) {
        for piece in framer.append(bytes) where socket.isOpen {
            switch piece {
            case .line(let line): handle(line)
            case .tooLong:
                let limit = LineFramer.maximumLength
                let error = RequestError(
                    code: .tooLong,
                    message: "a request line is longer than \(limit) bytes"
                )
                answer(ServerLines.error(error))
                close(saying: .tooLong)
            }
        }
        flush()
    }

    /// Queues an event for those subscriptions that want it; `line` is called only if one does.
    func offer(_ event: EmotionEvent, lane: SubscriberQueue.Lane, line: () -> EncodedLine) {
        for index in outbox.subscribers.indices where socket.isOpen && outbox.wants(event, at: index) {
            // Nobody who keeps up loses a message only because many came in one wake-up.
            if outbox.isFull(index), !socket.isBlocked { flush() }
            let fits = outbox.append(line(), to: index, lane: lane, unsentBytes: socket.unsentBytes)
            if !fits { close(saying: .slowReader) }
        }
    }

    /// Tells each subscription of events that were lost before the server saw them.
    func tellLoss(of count: Int) {
        for subscriber in outbox.subscribers {
            answer(ServerLines.gap(subscription: subscriber.name, lostEvents: count))
        }
    }

    /// Queues a line that is never dropped.
    func answer(_ line: [UInt8]) {
        if socket.isOpen, !outbox.answer(line) { close(saying: .slowReader) }
    }

    /// Writes what waits, as far as the reader takes it.
    func flush() {
        while socket.isOpen, !socket.isBlocked, !outbox.isEmpty {
            desk.scratch.clear()
            outbox.fill(&desk.scratch, upTo: Self.writeSize)
            socket.send(&desk.scratch)
        }
    }

    /// Says what is lost and why, and closes.
    func close(saying why: ByeReason) {
        if !socket.isBlocked { flush() }
        var last = ByteBuffer()
        outbox.abandon(into: &last)
        last.writeBytes(ServerLines.bye(why))
        socket.close(sending: last)
    }

    /// The connection is gone.
    func disconnected() { socket.hangUp() }
}

extension Reader {
    private func handle(_ line: [UInt8]) {
        do throws(RequestError) {
            let numbered = try parser.parse(line)
            switch numbered.request {
            case .subscribe(let options): try subscribe(options, id: numbered.id)
            case .unsubscribe(let name): try unsubscribe(name, id: numbered.id)
            case .status: answer(ServerLines.status(id: numbered.id, desk.status()))
            }
        } catch {
            answer(ServerLines.error(error))
        }
    }

    private func subscribe(_ options: SubscriptionOptions, id: Int?) throws(RequestError) {
        guard outbox.subscribers.count < maximumSubscriptions else {
            let message = "a connection holds at most \(maximumSubscriptions) subscriptions"
            throw RequestError(
                id: id,
                code: .tooManySubscriptions,
                message: message,
                hint: "unsubscribe one first"
            )
        }
        subscriptionCount += 1
        let subscription = "s\(subscriptionCount)"
        outbox.add(name: subscription, options: options, modelLabels: desk.labels)
        name = options.name ?? name
        answer(ServerLines.ack(id: id, subscription: subscription))
        if options.wantsSnapshot { answer(desk.snapshot(for: subscription)) }
    }

    private func unsubscribe(_ subscription: String, id: Int?) throws(RequestError) {
        guard outbox.remove(name: subscription) else {
            let known = outbox.subscribers.map(\.name).joined(separator: ", ")
            throw RequestError(
                id: id,
                code: .unknownSubscription,
                message: "no subscription '\(subscription.prefix(64))'",
                hint: known.isEmpty ? "there is none on this connection" : "known: " + known
            )
        }
        answer(ServerLines.ack(id: id, subscription: subscription))
    }
}

/// What a reader needs from the server to answer requests.
protocol RequestDesk: AnyObject {
    /// The model's labels.
    var labels: [String] { get }
    /// One buffer for all readers, since only one of them writes at a time.
    var scratch: ByteBuffer { get set }
    /// The present state, as a line.
    func snapshot(for subscription: String) -> [UInt8]
    /// How the daemon is.
    func status() -> StatusReport
}
