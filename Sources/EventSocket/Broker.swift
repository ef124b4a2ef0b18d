// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Glibc
import Logging
import NIOCore
import SampleRing

/// Takes events out of the ring and gives them to the readers. Everything here happens on one event loop.
final class Broker {
    private let settings: EventServerSettings
    private let identity: ServerIdentity
    private let sources: ServerSources
    private let logger: Logger
    private var ring: RingConsumer<EmotionEvent>
    private var batch: [EmotionEvent]
    private var writer = JSONWriter()
    private var encoder: EventLine
    private var readers: [ObjectIdentifier: Reader] = [:]
    private var admissions: [SocketRole: Admission]
    private var capture = CaptureCondition.starting
    private var wantsLevels = false
    private var last: (estimate: Estimate, moment: NIODeadline)?
    private var lostEvents: UInt64 = 0
    private var droppedByGone: UInt64 = 0
    private let scratch = Scratch()

    init(
        _ settings: EventServerSettings,
        _ identity: ServerIdentity,
        _ sources: ServerSources,
        _ ring: consuming RingConsumer<EmotionEvent>,
        _ logger: Logger
    ) {
        self.settings = settings
        self.identity = identity
        self.sources = sources
        self.logger = logger
        self.ring = ring
        batch = Array(repeating: .utteranceStarted(utterance: 0, sample: 0), count: 64)
        encoder = EventLine(labels: identity.model.labels, attributes: identity.model.attributes)
        admissions = [
            .events: Admission(
                maximumClients: settings.maximumClients,
                maximumClientsPerUser: settings.maximumClientsPerUser
            ),
            // Counted apart, so that the owner still gets in when readers are many.
            .control: Admission(maximumClients: 16, maximumClientsPerUser: 16, onlyUser: geteuid()),
        ]
    }

    /// Publishes what waits in the ring, at most one batch.
    ///
    /// - Returns: true if more may wait. The caller comes back after the event loop has had its turn, so that a
    ///   flood of events cannot keep it from hearing that a reader has room again.
    func drain() -> Bool {
        var span = batch.mutableSpan
        let count = ring.pop(into: &span)
        var publications: [Publication] = []
        for index in 0..<count { publish(batch[index], to: &publications) }
        tellLoss()
        // Reader by reader and not event by event: with a thousand of them, each costs its cache misses once.
        if !publications.isEmpty {
            for reader in readers.values { reader.publish(publications) }
        }
        return count == batch.count
    }

    private func tellLoss() {
        let lost = ring.takeLoss()
        if lost == 0 { return }
        lostEvents += UInt64(lost)
        logger.warning("events lost before the socket", metadata: ["count": "\(lost)"])
        for reader in readers.values { reader.tellLoss(of: lost) }
    }

    /// An utterance's final estimate goes out twice: by itself for those who follow estimates, and in its end.
    private func publish(_ event: EmotionEvent, to publications: inout [Publication]) {
        switch event {
        case .estimate(let estimate): note(estimate)
        case .state(let change):
            capture = change.condition
            encoder.device = sources.device()
        case .level: if !wantsLevels { return }
        case .utteranceEnded(_, _, let final):
            note(final)
            publications.append(publication(of: .estimate(final)))
        default: break
        }
        publications.append(publication(of: event))
    }

    private func note(_ estimate: Estimate) { last = (estimate, .now()) }

    private func publication(of event: EmotionEvent) -> Publication {
        writer.removeAll()
        encoder.writeOpen(event, to: &writer)
        return Publication(event: event, lane: event.lane, line: EncodedLine(writer.bytes))
    }
}

extension EmotionEvent {
    /// Only estimates that are not final and levels may be lost: the next one replaces them.
    fileprivate var lane: SubscriberQueue.Lane {
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
    /// - Returns: the reader with its greeting waiting, nil if it was refused and closed.
    func admit(_ channel: any Channel, descriptor: CInt, role: SocketRole) -> Reader? {
        let socket = ReaderSocket(channel, descriptor: descriptor, settings: settings)
        do throws(RequestError) {
            let peer = try admit(PeerIdentity(of: descriptor), role)
            logger.info("client connected", metadata: ["uid": "\(peer.userID)", "pid": "\(peer.processID)"])
            let reader = Reader(
                socket,
                peer: peer,
                role: role,
                settings: settings,
                desk: self,
                scratch: scratch
            )
            readers[ObjectIdentifier(reader)] = reader
            let wall = WallTime.now()
            reader.answer(
                ServerLines.hello(identity, audioSample: sources.audioPosition(), wallNanoseconds: wall)
            )
            return reader
        } catch {
            logger.info("client refused", metadata: ["reason": "\(error.message)"])
            let lines = ServerLines.error(error) + ServerLines.bye(.refused)
            socket.close(sending: ByteBuffer(bytes: lines))
            return nil
        }
    }

    private func admit(_ peer: PeerIdentity?, _ role: SocketRole) throws(RequestError) -> PeerIdentity {
        guard var admission = admissions[role] else { preconditionFailure("no admission to \(role)") }
        defer { admissions[role] = admission }
        return try admission.admit(peer)
    }

    /// Forgets a connection that has ended.
    func remove(_ reader: Reader) {
        guard readers.removeValue(forKey: ObjectIdentifier(reader)) != nil else { return }
        droppedByGone += reader.droppedCount
        admissions[reader.role]?.release(reader.peer)
        reader.disconnected()
        if reader.wantsLevels { interestChanged() }
    }

    /// Publishes what is left and takes leave of all readers.
    func closeAll() {
        // Bounded: whoever still fills the ring does not keep the daemon from ending.
        var turns = 0
        while turns < 64, drain() { turns += 1 }
        for reader in readers.values { reader.close(saying: .shutdown) }
    }
}

extension Broker: RequestDesk {
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

    func interestChanged() { wantsLevels = readers.values.contains(where: \.wantsLevels) }

    func status() -> StatusReport {
        var report = sources.status()
        report.clients = readers.count
        report.readers = readers.values.reduce(0) { $0 + $1.subscriptions }
        report.droppedMessages = readers.values.reduce(droppedByGone) { $0 + $1.droppedCount }
        report.lostEvents = lostEvents
        return report
    }
}
