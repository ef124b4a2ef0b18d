// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import NIOCore

/// One connection: reads its requests, queues its events, and writes them while the client reads.
///
/// - Thread: the event loop only.
final class Client {
    /// Largest single write, in bytes.
    private static let writeSize = 32 * 1_024
    /// Delays between checks that the device is closed after a mute, before the answer is sent. Few checks, since each one
    /// costs a turn of the scheduler on a busy machine.
    private static let mutePatience: [TimeAmount] = [.milliseconds(6), .milliseconds(14)]

    let peer: PeerIdentity
    let role: SocketRole
    /// Number of the connection, unique within a daemon.
    let connection: UInt64
    /// Time of the last request, or of the connection.
    private(set) var lastRequest = NIODeadline.now()
    /// True if a hold on the microphone ends with this connection.
    private(set) var isHoldingMute = false
    /// Name that the client gave.
    private(set) var name: String?
    private let socket: NonBlockingSocket
    private var parser: RequestParser
    private let delegate: any ClientDelegate
    private let scratch: Scratch
    private let maximumSubscriptions: Int
    private let connected = NIODeadline.now()
    private let requestPatience: TimeAmount
    private let loop: any EventLoop
    private var framer = LineFramer()
    private var budget: RequestBudget
    private var lineAlarm: Scheduled<Void>?
    private var lastCommand: Task<Void, Never>?
    private var pieces = CircularBuffer<LineFramer.Piece>(initialCapacity: 0)
    private var isInputClosed = false
    private var openCommands = 0
    private let mayMute: Bool
    private var outbox: Outbox

    init(
        _ socket: NonBlockingSocket,
        peer: PeerIdentity,
        connection: UInt64,
        role: SocketRole,
        settings: EventServerSettings,
        delegate: any ClientDelegate,
        scratch: Scratch,
        loop: any EventLoop
    ) {
        self.socket = socket
        self.loop = loop
        requestPatience = TimeAmount(settings.requestPatience)
        budget = RequestBudget(perSecond: settings.requestRate, at: Int64(connected.uptimeNanoseconds))
        self.peer = peer
        self.connection = connection
        self.role = role
        mayMute = settings.clientsMayMute
        self.delegate = delegate
        self.scratch = scratch
        parser = RequestParser(
            role: role,
            modelLabels: delegate.labels,
            modelAttributes: delegate.attributes,
            mayMute: settings.clientsMayMute
        )
        maximumSubscriptions = settings.maximumSubscriptions
        outbox = Outbox(byteLimit: settings.waitingByteLimit)
        socket.onWritable = { [unowned self] in work() }
        socket.onStuck = { [unowned self] in close(saying: .slowClient) }
    }

    var subscriptionCount: Int { outbox.subscriptions.count }
    /// Union of the event kinds of its subscriptions.
    var kinds: EventKinds { outbox.subscriptions.reduce(into: []) { $0.formUnion($1.kinds) } }
    var droppedCount: UInt64 { outbox.droppedCount }
    /// Bytes that wait for this client in our memory; 0 while it keeps up.
    var waitingBytes: Int { socket.isBlocked ? outbox.waitingBytes + socket.unsentBytes : 0 }

    /// True for a control connection without pending answers or holds.
    var isIdle: Bool { role == .control && !isHoldingMute && openCommands == 0 }

    /// Entry for the list of clients.
    var report: ClientReport {
        var report = ClientReport()
        report.processID = peer.processID
        report.userID = peer.userID
        report.name = name
        report.isControl = role == .control
        report.subscriptions = subscriptionCount
        report.droppedMessages = droppedCount
        report.waitingBytes = waitingBytes
        report.connectedSeconds = Double((NIODeadline.now() - connected).nanoseconds) / 1e9
        return report
    }

    /// Processes bytes from the client.
    func receive(_ bytes: [UInt8]) {
        let more = framer.append(bytes[...])
        pieces.append(contentsOf: more)
        watchLine(isAnother: !more.isEmpty)
        work()
    }

    /// Handles the end of the client's requests; the last one needs no newline. Answers and events still follow.
    func inputEnded() {
        if let last = framer.finish() { pieces.append(last) }
        isInputClosed = true
        watchLine(isAnother: true)
        work()
    }

    /// Handles received requests and writes queued lines as far as the client reads: a request waits until the previous
    /// answer is sent.
    private func work() {
        flush()
        while socket.isOpen, !isCrowded, let piece = pieces.popFirst() {
            take(piece)
            flush()
        }
        socket.holdReading(!pieces.isEmpty)
        closeIfDone()
    }

    private var isCrowded: Bool { socket.isBlocked && outbox.hasAnswer }

    private func take(_ piece: LineFramer.Piece) {
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

    /// Closes a client that sends no more requests, has no subscription and has received all answers.
    private func closeIfDone() {
        guard isInputClosed, socket.isOpen, !socket.isBlocked, outbox.isEmpty, pieces.isEmpty else { return }
        if subscriptionCount == 0, openCommands == 0, !isHoldingMute { close(saying: .done) }
    }

    /// Times out unfinished request lines, which would otherwise hold memory. Each line has its own timeout.
    private func watchLine(isAnother: Bool) {
        if !framer.isWithinLine || isAnother {
            lineAlarm?.cancel()
            lineAlarm = nil
        }
        if framer.isWithinLine, lineAlarm == nil {
            lineAlarm = loop.assumeIsolated().scheduleTask(in: requestPatience) { [weak self] in
                guard let self, self.socket.isOpen else { return }
                let error = RequestError(code: .tooSlow, message: "a request line was not completed in time")
                self.answer(ServerLines.error(error))
                self.close(saying: .tooSlow)
            }
        }
    }

    /// Sends the client the `publications` that it wants: in one write while the kernel accepts bytes, then through
    /// the queue.
    func publish(_ publications: [Publication]) {
        flush()
        scratch.bytes.clear()
        for publication in publications {
            for index in outbox.subscriptions.indices where outbox.wants(publication.event, at: index) {
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
            if !fits { close(saying: .slowClient) }
        } else if socket.isOpen {
            outbox.writePast(publication.line, of: index, to: &scratch.bytes)
            if scratch.bytes.readableBytes >= Self.writeSize { sendScratch() }
        }
    }

    private func sendScratch() {
        if scratch.bytes.readableBytes > 0, socket.isOpen { socket.send(&scratch.bytes) }
        scratch.bytes.clear()
    }

    /// Reports to each subscription the events that were lost before the server saw them.
    func reportLoss(of count: Int) {
        for subscription in outbox.subscriptions {
            answer(ServerLines.gap(subscription: subscription.name, lostEvents: count))
        }
    }

    /// Queues a line that is never dropped.
    func answer(_ line: [UInt8]) {
        if !socket.isOpen || outbox.answer(line) { return }
        flush()
        if socket.isOpen, !outbox.answer(line) { close(saying: .slowClient) }
    }

    /// Writes queued bytes until none are left or the kernel accepts no more.
    func flush() {
        while socket.isOpen, !socket.isBlocked, !outbox.isEmpty {
            scratch.bytes.clear()
            outbox.fill(&scratch.bytes, upTo: Self.writeSize)
            sendScratch()
        }
    }

    /// Reports the losses and the reason, and closes the connection.
    func close(saying why: ByeReason) {
        if !socket.isBlocked { flush() }
        var last = ByteBuffer()
        outbox.abandon(into: &last)
        last.writeBytes(ServerLines.bye(why))
        socket.close(sending: last)
    }

    /// Releases what belongs to a connection that has ended.
    func disconnected() {
        lineAlarm?.cancel()
        lineAlarm = nil
        socket.hangUp()
    }

    /// Re-maps label filters to the new model's indices.
    func adopt(modelLabels: [String], attributes: [String]) {
        parser = RequestParser(
            role: role,
            modelLabels: modelLabels,
            modelAttributes: attributes,
            mayMute: mayMute
        )
        outbox.adopt(modelLabels: modelLabels)
    }
}

extension Client {
    private func handle(_ line: [UInt8]) {
        let pause = budget.spend(at: Int64(NIODeadline.now().uptimeNanoseconds))
        if pause > 0 { socket.stopReading(for: pause) }
        lastRequest = .now()
        do throws(RequestError) {
            let numbered = try parser.parse(line)
            switch numbered.request {
            case .subscribe(let options): try subscribe(options, id: numbered.id)
            case .unsubscribe(let name): try unsubscribe(name, id: numbered.id)
            case .status: answer(ServerLines.status(id: numbered.id, delegate.status()))
            case .clients: answer(ServerLines.clients(id: numbered.id, delegate.clientReports()))
            case .command(let command): carryOut(command, id: numbered.id)
            }
        } catch {
            answer(ServerLines.error(error))
        }
    }

    /// Runs a command and answers on completion, possibly after later requests of other kinds; commands run in order.
    private func carryOut(_ command: ControlCommand, id: Int?) {
        let peer = sender
        if case .mute(let request) = command { return mute(request, peer, id: id) }
        // Immediately, even if the command must wait.
        if command == .lockMute { _ = delegate.mute(MuteRequest(), for: peer) }
        openCommands += 1
        lastCommand = delegate.carryOut(command, for: peer, after: lastCommand) { [weak self] outcome in
            self?.finish(ServerLines.outcome(outcome, id: id))
        }
    }

    private var sender: ControlPeer {
        ControlPeer(
            userID: peer.userID,
            processID: peer.processID,
            isEventsClient: role == .events,
            connection: connection,
            order: delegate.nextOrder()
        )
    }

    private func finish(_ answer: [UInt8]) {
        openCommands -= 1
        guard socket.isOpen else { return }
        self.answer(answer)
        work()
    }

    /// Closes the microphone now, and answers when it is closed or after a short wait.
    private func mute(_ request: MuteRequest, _ peer: ControlPeer, id: Int?) {
        if let refusal = delegate.mute(request, for: peer) {
            return answer(ServerLines.outcome(refusal, id: id))
        }
        isHoldingMute = isHoldingMute || request.isWhileConnected
        openCommands += 1
        answerWhenMuted(id, Self.mutePatience[...])
    }

    private func answerWhenMuted(_ id: Int?, _ looks: ArraySlice<TimeAmount>) {
        switch (delegate.muteProgress(), looks.first) {
        case (.settled(let note), _): finish(ServerLines.outcome(.done(note: note), id: id))
        case (.pending(let note), nil): finish(ServerLines.outcome(.done(note: note), id: id))
        case (.pending, let next?):
            loop.assumeIsolated().scheduleTask(in: next) { [weak self] in
                self?.answerWhenMuted(id, looks.dropFirst())
            }
        }
    }

    private func subscribe(_ options: SubscriptionOptions, id: Int?) throws(RequestError) {
        guard outbox.subscriptions.count < maximumSubscriptions else {
            let message = "a connection holds at most \(maximumSubscriptions) subscriptions"
            throw RequestError(
                id: id,
                code: .tooManySubscriptions,
                message: message,
                hint: "unsubscribe one first"
            )
        }
        let subscription = outbox.add(options, modelLabels: delegate.labels)
        name = options.name ?? name
        delegate.interestChanged(of: self, by: 1)
        answer(ServerLines.ack(id: id, subscription: subscription))
        if options.wantsSnapshot { answer(delegate.snapshot(for: subscription)) }
    }

    private func unsubscribe(_ subscription: String, id: Int?) throws(RequestError) {
        guard outbox.remove(name: subscription) else {
            let known = outbox.subscriptions.map(\.name).joined(separator: ", ")
            throw RequestError(
                id: id,
                code: .unknownSubscription,
                message: "no subscription '\(subscription.prefix(64))'",
                hint: known.isEmpty ? "there is none on this connection" : "known: " + known
            )
        }
        delegate.interestChanged(of: self, by: -1)
        answer(ServerLines.ack(id: id, subscription: subscription))
    }
}

/// Provides the answers to a client's requests; implemented by the broker.
protocol ClientDelegate: AnyObject {
    /// The model's labels.
    var labels: [String] { get }
    /// The model's attributes; usually none.
    var attributes: [String] { get }
    /// The current state, as a line.
    func snapshot(for subscription: String) -> [UInt8]
    /// Notifies of a change in the number of subscriptions of `client`.
    func interestChanged(of client: Client, by subscriptions: Int)
    /// State of the daemon.
    func status() -> StatusReport
    /// All connections.
    func clientReports() -> [ClientReport]
    /// Sets a hold on the microphone immediately; returns nil, or the reason for a refusal.
    func mute(_ request: MuteRequest, for peer: ControlPeer) -> ControlOutcome?
    /// Progress of the mute.
    func muteProgress() -> MuteProgress
    /// Number of the next request that changes something.
    func nextOrder() -> UInt64
    /// Runs the owner's command after `earlier` and reports the result on the event loop.
    func carryOut(
        _ command: ControlCommand,
        for peer: ControlPeer,
        after earlier: Task<Void, Never>?,
        then tell: @escaping (ControlOutcome) -> Void
    ) -> Task<Void, Never>
}

/// Buffer in which lines are assembled; shared, since only one client writes at a time.
final class Scratch {
    var bytes = ByteBuffer()
}

/// One event to be sent to the clients.
struct Publication {
    let event: EmotionEvent
    let lane: SubscriptionQueue.Lane
    let line: EncodedLine
}
