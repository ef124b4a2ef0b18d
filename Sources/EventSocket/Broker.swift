// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Glibc
import Logging
import NIOCore
import SampleRing

/// A client with its event kinds cached, so that filtering need not touch the client.
private struct ClientEntry {
    let client: Client
    var kinds: EventKinds = []
}

/// Takes events out of the ring and sends them to the clients. Everything here happens on one event loop.
final class Broker {
    let settings: EventServerSettings
    private var identity: ServerIdentity
    private let loop: any EventLoop
    let sources: ServerSources
    let log: LimitedLog
    private var connectionCount: UInt64 = 0
    private var requestCount: UInt64 = 0
    private var generation: UInt64 = 0
    private var ring: RingConsumer<EmotionEvent>
    private var batch: [EmotionEvent]
    private var writer = JSONWriter()
    private var encoder: EventLine
    private var entries: [ObjectIdentifier: ClientEntry] = [:]
    private var wanted: EventKinds = []
    private var admissions: [SocketRole: Admission]
    private var capture = CaptureCondition.starting
    private var subscriptionCount = 0
    private var last: (estimate: Estimate, moment: NIODeadline)?
    private var levelDecibels: Double?
    private var lostEvents: UInt64 = 0
    private var droppedByGone: UInt64 = 0
    private let scratch = Scratch()
    var clients: some Sequence<Client> { entries.values.lazy.map(\.client) }

    init(
        settings: EventServerSettings,
        identity: ServerIdentity,
        sources: ServerSources,
        ring: consuming RingConsumer<EmotionEvent>,
        log: LimitedLog,
        loop: any EventLoop
    ) {
        self.loop = loop
        self.settings = settings
        self.identity = identity
        self.sources = sources
        self.log = log
        self.ring = ring
        batch = Array(repeating: .utteranceStarted(utterance: 0, sample: 0), count: 64)
        encoder = EventLine(labels: identity.model.labels, attributes: identity.model.attributes)
        admissions = [
            .events: Admission(
                maximumClients: settings.maximumClients,
                maximumClientsPerUser: settings.maximumClientsPerUser
            ),
            // Counted separately, so the owner can connect even when there are many clients.
            .control: Admission(maximumClients: 16, maximumClientsPerUser: 16, onlyUser: geteuid()),
        ]
    }

    /// Publishes the events in the ring, at most one batch.
    ///
    /// - Returns: true if more may wait. The caller comes back after the event loop has had its turn, so that a
    ///   flood of events cannot delay the notice that a client has room again.
    func drain() -> Bool {
        var span = batch.mutableSpan
        let count = ring.pop(into: &span)
        var publications: [Publication] = []
        for index in 0..<count { publish(batch[index], to: &publications) }
        reportLoss()
        if !publications.isEmpty { send(publications) }
        return count == batch.count
    }

    /// Goes client by client and not event by event: with a thousand clients, each causes its cache misses once, and
    /// clients that want no event of the batch cause none.
    private func send(_ publications: [Publication]) {
        let kinds = publications.reduce(into: EventKinds()) { $0.formUnion(EventKinds($1.event)) }
        var isAnyBehind = false
        for entry in entries.values where !entry.kinds.isDisjoint(with: kinds) {
            entry.client.publish(publications)
            if entry.client.waitingBytes > 0 { isAnyBehind = true }
        }
        if isAnyBehind { keepBudget() }
    }

    private func keepBudget() {
        let waitingBytes = clients.reduce(0) { $0 + $1.waitingBytes }
        if waitingBytes > settings.totalWaitingByteLimit { evict(until: waitingBytes) }
    }

    /// Closes the clients with the largest queues until the rest fits the budget.
    private func evict(until waitingBytes: Int) {
        var left = waitingBytes
        for client in clients.sorted(by: { $0.waitingBytes > $1.waitingBytes }) {
            if left <= settings.totalWaitingByteLimit { return }
            left -= client.waitingBytes
            log.write(
                .evicted,
                .warning,
                "client evicted, too much waits",
                metadata: ["pid": "\(client.peer.processID)"],
                user: client.peer.userID
            )
            client.close(saying: .memory)
        }
    }

    private func reportLoss() {
        let lost = ring.takeLoss()
        if lost == 0 { return }
        lostEvents += UInt64(lost)
        log.write(.lostEvents, .warning, "events lost before the socket", metadata: ["count": "\(lost)"])
        for client in clients { client.reportLoss(of: lost) }
    }

    /// Sends the final estimate of an utterance twice: by itself for estimate subscriptions, and in the `utterance` end.
    private func publish(_ event: EmotionEvent, to publications: inout [Publication]) {
        switch event {
        case .estimate(let estimate):
            follow(estimate.generation, &publications)
            note(estimate)
        case .state(let change):
            capture = change.condition
            encoder.device = sources.device()
            levelDecibels = nil
        case .level(let level): levelDecibels = Double(level.levelDecibels)
        case .reloaded(let generation):
            // Earlier events are sent first, while filters still use the old model's labels.
            send(publications)
            publications.removeAll()
            adopt(generation)
        case .utteranceEnded(_, _, let final):
            follow(final.generation, &publications)
            note(final)
            add(.estimate(final), to: &publications)
        default: break
        }
        add(event, to: &publications)
    }

    private func add(_ event: EmotionEvent, to publications: inout [Publication]) {
        if !wanted.isDisjoint(with: EventKinds(event)) { publications.append(publication(of: event)) }
    }

    private func note(_ estimate: Estimate) { last = (estimate, .now()) }

    /// Replaces a `reloaded` event that was lost: labels belong to the model that made the estimate.
    private func follow(_ generation: UInt64, _ publications: inout [Publication]) {
        if generation > self.generation { publish(.reloaded(generation: generation), to: &publications) }
    }

    /// Switches to another model for all following events. Earlier ones are already sent.
    private func adopt(_ generation: UInt64) {
        last = nil
        self.generation = max(self.generation, generation)
        guard let model = sources.model(generation) else { return }
        identity.model = model
        encoder = EventLine(labels: model.labels, attributes: model.attributes, device: sources.device())
        for client in clients { client.adopt(modelLabels: model.labels, attributes: model.attributes) }
    }

    private func publication(of event: EmotionEvent) -> Publication {
        writer.removeAll()
        if case .reloaded = event {
            ServerLines.writeOpenHello(
                identity,
                audioSample: sources.audioPosition(),
                wallNanoseconds: WallTime.now(),
                to: &writer
            )
        } else {
            encoder.writeOpen(event, to: &writer)
        }
        return Publication(event: event, lane: event.lane, line: EncodedLine(writer.bytes))
    }
}

extension EmotionEvent {
    /// Only interim estimates and levels may be lost: the next one replaces them.
    fileprivate var lane: SubscriptionQueue.Lane {
        switch self {
        case .estimate(let estimate): estimate.isFinal ? .control : .data
        case .level: .data
        default: .control
        }
    }
}

extension Broker {
    /// Greets a new connection, or refuses it with an error line.
    ///
    /// - Returns: the client with its greeting waiting, nil if it was refused and closed.
    func admit(_ channel: any Channel, descriptor: CInt, role: SocketRole) -> Client? {
        let socket = NonBlockingSocket(channel, descriptor: descriptor, settings: settings)
        let caller = PeerIdentity(of: descriptor)
        do throws(RequestError) {
            let peer = try admit(caller, role)
            log.write(.connected, .info, "client connected", metadata: Self.words(peer), user: peer.userID)
            connectionCount += 1
            let client = Client(
                socket,
                peer: peer,
                connection: connectionCount,
                role: role,
                settings: settings,
                delegate: self,
                scratch: scratch,
                loop: loop
            )
            entries[ObjectIdentifier(client)] = ClientEntry(client: client)
            let wall = WallTime.now()
            client.answer(
                ServerLines.hello(identity, audioSample: sources.audioPosition(), wallNanoseconds: wall)
            )
            return client
        } catch {
            var who: Logger.Metadata = ["reason": "\(error.message)"]
            if let caller { who.merge(Self.words(caller)) { $1 } }
            log.write(.refused, .info, "client refused", metadata: who, user: caller?.userID)
            let lines = ServerLines.error(error) + ServerLines.bye(.refused)
            socket.close(sending: ByteBuffer(bytes: lines))
            return nil
        }
    }

    private static func words(_ peer: PeerIdentity) -> Logger.Metadata {
        ["uid": "\(peer.userID)", "pid": "\(peer.processID)"]
    }

    private func admit(_ peer: PeerIdentity?, _ role: SocketRole) throws(RequestError) -> PeerIdentity {
        if role == .control, let peer, admissions[role]?.isFull == true,
            peer.userID == 0 || peer.userID == geteuid()
        {
            makeRoomForTheOwner()
        }
        guard var admission = admissions[role] else { preconditionFailure("no admission to \(role)") }
        defer { admissions[role] = admission }
        return try admission.admit(peer)
    }

    /// Removes a connection that has ended.
    func remove(_ client: Client) {
        guard entries.removeValue(forKey: ObjectIdentifier(client)) != nil else { return }
        droppedByGone += client.droppedCount
        admissions[client.role]?.release(client.peer)
        if client.isHoldingMute { sources.connectionEnded(client.connection) }
        client.disconnected()
        interestChanged(of: client, by: -client.subscriptionCount)
    }

    /// Flushes pending events, then closes every client with `bye`.
    func closeAll() {
        // Bounded, so a producer that still fills the ring cannot delay the exit.
        var turns = 0
        while turns < 64, drain() { turns += 1 }
        for client in clients { client.close(saying: .shutdown) }
    }
}

extension Broker: ClientDelegate {
    var labels: [String] { identity.model.labels }
    var attributes: [String] { identity.model.attributes }

    func snapshot(for subscription: String) -> [UInt8] {
        let aged = last.map { last in
            (
                estimate: last.estimate,
                ageMilliseconds: Double((NIODeadline.now() - last.moment).nanoseconds) / 1e6
            )
        }
        return ServerLines.snapshot(
            subscription: subscription,
            capture: capture,
            device: sources.device(),
            model: identity.model.id,
            last: aged,
            events: encoder
        )
    }

    func interestChanged(of client: Client, by subscriptions: Int) {
        if subscriptions == 0 { return }
        entries[ObjectIdentifier(client)]?.kinds = client.kinds
        wanted = entries.values.reduce(into: []) { $0.formUnion($1.kinds) }
        subscriptionCount += subscriptions
        sources.subscriptionsChanged(subscriptionCount)
    }

    func nextOrder() -> UInt64 {
        requestCount += 1
        return requestCount
    }

    func clientReports() -> [ClientReport] {
        clients.map(\.report).sorted { $0.connectedSeconds > $1.connectedSeconds }
    }

    func carryOut(
        _ command: ControlCommand,
        for peer: ControlPeer,
        after earlier: Task<Void, Never>?,
        then tell: @escaping (ControlOutcome) -> Void
    ) -> Task<Void, Never> {
        let carryOut = sources.carryOut
        let work = Task {
            await earlier?.value
            return await carryOut(command, peer)
        }
        let done = loop.makePromise(of: ControlOutcome.self)
        done.futureResult.assumeIsolated().whenSuccess(tell)
        done.completeWithTask { await work.value }
        return Task { _ = await work.value }
    }

    func status() -> StatusReport {
        var report = sources.status()
        report.clients = entries.count
        report.subscriptions = subscriptionCount
        report.droppedMessages = clients.reduce(droppedByGone) { $0 + $1.droppedCount }
        report.lostEvents = lostEvents
        report.levelDecibels = levelDecibels
        return report
    }
}
