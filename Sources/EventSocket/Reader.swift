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
    private var parser: RequestParser
    private let desk: any RequestDesk
    private let scratch: Scratch
    private let maximumSubscriptions: Int
    private let connected = NIODeadline.now()
    private let requestPatience: TimeAmount
    private let loop: any EventLoop
    private var framer = LineFramer()
    private var budget: RequestBudget
    private var lineAlarm: Scheduled<Void>?
    private var lastCommand: Task<Void, Never>?
    private var outbox: Outbox

    init(
        _ socket: ReaderSocket,
        peer: PeerIdentity,
        role: SocketRole,
        settings: EventServerSettings,
        desk: any RequestDesk,
        scratch: Scratch,
        loop: any EventLoop
    ) {
        self.socket = socket
        self.loop = loop
        requestPatience = TimeAmount(settings.requestPatience)
        budget = RequestBudget(perSecond: settings.requestRate, at: Int64(connected.uptimeNanoseconds))
        self.peer = peer
        self.role = role
        self.desk = desk
        self.scratch = scratch
        parser = RequestParser(role: role, modelLabels: desk.labels, modelAttributes: desk.attributes)
        maximumSubscriptions = settings.maximumSubscriptions
        outbox = Outbox(byteLimit: settings.waitingByteLimit)
        socket.onWritable = { [unowned self] in flush() }
        socket.onStuck = { [unowned self] in close(saying: .slowReader) }
    }

    var subscriptions: Int { outbox.subscribers.count }
    /// The kinds of events that any of its subscriptions wants.
    var kinds: EventKinds { outbox.subscribers.reduce(into: []) { $0.formUnion($1.kinds) } }
    var droppedCount: UInt64 { outbox.droppedCount }
    /// What waits for this reader in our memory, in bytes; nothing while it keeps up.
    var waitingBytes: Int { socket.isBlocked ? outbox.waitingBytes + socket.unsentBytes : 0 }

    /// For the list of subscribers.
    var report: SubscriberReport {
        var report = SubscriberReport()
        report.processID = peer.processID
        report.userID = peer.userID
        report.name = name
        report.isControl = role == .control
        report.subscriptions = subscriptions
        report.droppedMessages = droppedCount
        report.waitingBytes = waitingBytes
        report.connectedSeconds = Double((NIODeadline.now() - connected).nanoseconds) / 1e9
        return report
    }

    /// Takes bytes from the client.
    func receive(_ bytes: [UInt8]) {
        let pieces = framer.append(bytes[...])
        for piece in pieces where socket.isOpen {
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
        watchLine(isAnother: !pieces.isEmpty)
        flush()
    }

    /// Who begins a line and does not end it holds memory for nothing. Each line has its own time.
    private func watchLine(isAnother: Bool) {
        if !framer.isWithinLine || isAnother {
            lineAlarm?.cancel()
            lineAlarm = nil
        }
        if framer.isWithinLine, lineAlarm == nil {
            lineAlarm = loop.assumeIsolated().scheduleTask(in: requestPatience) { [weak self] in
                guard let self, self.socket.isOpen else { return }
                let error = RequestError(code: .tooSlow, message: "a request line was begun and not ended")
                self.answer(ServerLines.error(error))
                self.close(saying: .tooSlow)
            }
        }
    }

    /// Gives the reader those of `publications` that it wants: to the kernel as long as that takes them, in one
    /// write, and to the queue from then on.
    func publish(_ publications: [Publication]) {
        flush()
        scratch.bytes.clear()
        for publication in publications {
            for index in outbox.subscribers.indices where outbox.wants(publication.event, at: index) {
                give(publication, to: index)
            }
        }
        sendScratch()
    }

    private func give(_ publication: Publication, to index: Int) {
        if socket.isBlocked {
            let fits = outbox.append(
                publication.line,
                to: index,
                lane: publication.lane,
                unsentBytes: socket.unsentBytes
            )
            if !fits { close(saying: .slowReader) }
        } else if socket.isOpen {
            outbox.writePast(publication.line, of: index, to: &scratch.bytes)
            if scratch.bytes.readableBytes >= Self.writeSize { sendScratch() }
        }
    }

    private func sendScratch() {
        if scratch.bytes.readableBytes > 0, socket.isOpen { socket.send(&scratch.bytes) }
        scratch.bytes.clear()
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

    /// Writes what waits, as far as the reader takes it. Nothing waits afterwards, unless it is blocked.
    func flush() {
        while socket.isOpen, !socket.isBlocked, !outbox.isEmpty {
            scratch.bytes.clear()
            outbox.fill(&scratch.bytes, upTo: Self.writeSize)
            sendScratch()
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
    func disconnected() {
        lineAlarm?.cancel()
        lineAlarm = nil
        socket.hangUp()
    }

    /// Means the same labels as before in another model.
    func adopt(modelLabels: [String], attributes: [String]) {
        parser = RequestParser(role: role, modelLabels: modelLabels, modelAttributes: attributes)
        outbox.adopt(modelLabels: modelLabels)
    }
}

extension Reader {
    private func handle(_ line: [UInt8]) {
        let pause = budget.spend(at: Int64(NIODeadline.now().uptimeNanoseconds))
        if pause > 0 { socket.stopReading(for: pause) }
        do throws(RequestError) {
            let numbered = try parser.parse(line)
            switch numbered.request {
            case .subscribe(let options): try subscribe(options, id: numbered.id)
            case .unsubscribe(let name): try unsubscribe(name, id: numbered.id)
            case .status: answer(ServerLines.status(id: numbered.id, desk.status()))
            case .subscribers: answer(ServerLines.subscribers(id: numbered.id, desk.subscribers()))
            case .command(let command): carryOut(command, id: numbered.id)
            }
        } catch {
            answer(ServerLines.error(error))
        }
    }

    /// Answered when it is done, which may be after later requests of another kind; commands are done in their order.
    private func carryOut(_ command: ControlCommand, id: Int?) {
        let peer = ControlPeer(userID: peer.userID, processID: peer.processID)
        lastCommand = desk.carryOut(command, for: peer, after: lastCommand) { [weak self] outcome in
            guard let self, self.socket.isOpen else { return }
            self.answer(ServerLines.outcome(outcome, id: id))
            self.flush()
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
        let subscription = outbox.add(options, modelLabels: desk.labels)
        name = options.name ?? name
        desk.interestChanged(of: self, by: 1)
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
        desk.interestChanged(of: self, by: -1)
        answer(ServerLines.ack(id: id, subscription: subscription))
    }
}

/// What a reader needs from the server to answer requests.
protocol RequestDesk: AnyObject {
    /// The model's labels.
    var labels: [String] { get }
    /// The model's attributes; mostly none.
    var attributes: [String] { get }
    /// The present state, as a line.
    func snapshot(for subscription: String) -> [UInt8]
    /// So many subscriptions of `reader` came or went.
    func interestChanged(of reader: Reader, by subscriptions: Int)
    /// How the daemon is.
    func status() -> StatusReport
    /// Who listens.
    func subscribers() -> [SubscriberReport]
    /// Does what the owner wants when `earlier` is done, and tells, on the event loop, what became of it.
    func carryOut(
        _ command: ControlCommand,
        for peer: ControlPeer,
        after earlier: Task<Void, Never>?,
        then tell: @escaping (ControlOutcome) -> Void
    ) -> Task<Void, Never>
}

/// Room to put lines together: one for all readers, since only one of them writes at a time.
final class Scratch {
    var bytes = ByteBuffer()
}

/// One event on its way to the readers.
struct Publication {
    let event: EmotionEvent
    let lane: SubscriberQueue.Lane
    let line: EncodedLine
}
