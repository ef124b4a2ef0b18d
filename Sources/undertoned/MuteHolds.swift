// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Glibc
import Synchronization

/// Keeps the microphone closed while anybody holds it closed, or the lock is on. Any thread; never waits.
///
/// A hold belongs to its name and to the owner or, for clients of the events socket, to its user. The owner may release
/// any hold; a client only the holds of its own user that came over the events socket.
final class MuteHolds: Sendable {
    /// Holds of one user that may be set over the events socket.
    private static let mostOfOneClient = 16
    /// Holds with which no more may be set over the events socket, and none with a name by the owner.
    private static let mostOfClients = 48
    private static let most = 64

    fileprivate struct Entry: Sendable {
        var hold: MuteHold
        let connection: UInt64?
        /// The request that set it, for the first time or again.
        var order: UInt64
    }

    let lock: MuteLock
    private let store: MuteStore
    private let apply: @Sendable (_ isMuted: Bool) -> Void
    private let isClosed: @Sendable () -> Bool
    private let entries = Mutex<[Entry]>([])

    /// Holds that are kept in `store`.
    ///
    /// - Parameters:
    ///   - apply: closes the microphone or lets it open.
    ///   - isClosed: whether it is closed by now.
    init(
        lock: MuteLock,
        store: MuteStore,
        apply: @escaping @Sendable (_ isMuted: Bool) -> Void,
        isClosed: @escaping @Sendable () -> Bool
    ) {
        self.lock = lock
        self.store = store
        self.apply = apply
        self.isClosed = isClosed
    }

    /// Takes the holds that were kept when the daemon ended, before it begins to listen.
    ///
    /// - Returns: a sentence if they could not be read; then one hold stands for them.
    func restore() -> String? {
        let (holds, problem) = store.read()
        change { $0 = holds.map { Entry(hold: $0, connection: nil, order: 0) } }
        return problem
    }

    /// The holds, oldest first.
    var all: [MuteHold] { entries.withLock { $0.map(\.hold) } }

    /// Whether `unmute` is refused.
    var isLocked: Bool { lock.isSet }

    /// Sets a hold; nil, or why not. When it returns, nothing is heard any more.
    func set(_ request: MuteRequest, for peer: ControlPeer) -> ControlOutcome? {
        change { entries in
            if let index = entries.firstIndex(where: { $0.isSame(request, peer) }) {
                entries[index].order = peer.order
                return nil
            }
            if isFull(entries, request, peer) {
                return .refused("there are too many holds", hint: "release one first")
            }
            entries.append(Entry(request, peer))
            return nil
        }
    }

    /// The owner's plain mute always finds room.
    private func isFull(_ entries: [Entry], _ request: MuteRequest, _ peer: ControlPeer) -> Bool {
        if !peer.isEventsClient {
            return entries.count >= Self.most && request.hold != MuteRequest.standardName
        }
        let own = entries.count { $0.hold.isEventsClient && $0.hold.userID == peer.userID }
        return own >= Self.mostOfOneClient || entries.count >= Self.mostOfClients
    }

    /// Releases the holds with the name `name` that were set before the request `peer.order` and are `peer`'s to release.
    func release(_ name: String, for peer: ControlPeer) -> ControlOutcome {
        if lock.isSet { return .locked("mute is locked", hint: lock.remedy + ", then unmute") }
        let (released, left) = change { entries in
            let before = entries.count
            entries.removeAll { $0.hold.name == name && $0.order < peer.order && peer.mayRelease($0.hold) }
            return (before - entries.count, entries.map(\.hold))
        }
        if left.isEmpty { return .done(note: store.problem.map { "not kept: " + $0 }) }
        let holders = left.map(\.sentence).joined(separator: ", ")
        if released > 0 || name == MuteRequest.standardName {
            return .done(note: "the microphone stays closed, held by \(holders)")
        }
        return .refused("there is no hold '\(name)' of yours", hint: "the microphone is held by \(holders)")
    }

    /// Ends the holds that were set for as long as `connection` lasts.
    func end(ofConnection connection: UInt64) {
        change { entries in entries.removeAll { $0.connection == connection } }
    }

    /// Puts the microphone into the state that the holds and the lock demand.
    func applyAgain() { change { _ in } }

    /// How far the last mute has come.
    var progress: MuteProgress {
        if entries.withLock(\.isEmpty), !lock.isSet { return .settled(note: nil) }
        let kept = store.isSettled ? store.problem.map { "not kept over a restart: " + $0 } : nil
        if isClosed(), store.isSettled { return .settled(note: kept) }
        let why =
            isClosed()
            ? "the hold is not on the disk yet" : "a driver or sound server still holds the microphone"
        return .pending(note: "nothing is heard any more; \(why)")
    }

    /// Changes the holds and acts on them before anybody else can.
    @discardableResult
    private func change<Result: Sendable>(_ body: (inout [Entry]) -> Result) -> Result {
        entries.withLock { entries in
            let result = body(&entries)
            apply(!entries.isEmpty || lock.isSet)
            store.keep(entries.map(\.hold))
            return result
        }
    }
}

extension MuteHolds.Entry {
    fileprivate init(_ request: MuteRequest, _ peer: ControlPeer) {
        hold = MuteHold(
            name: request.hold,
            userID: peer.userID,
            processID: peer.processID,
            isEventsClient: peer.isEventsClient,
            isWhileConnected: request.isWhileConnected,
            wallNanoseconds: WallTime.now()
        )
        connection = request.isWhileConnected ? peer.connection : nil
        order = peer.order
    }

    /// Whether `request` of `peer` asks for this hold again. Root and the daemon's user are one owner.
    fileprivate func isSame(_ request: MuteRequest, _ peer: ControlPeer) -> Bool {
        hold.name == request.hold && hold.isEventsClient == peer.isEventsClient
            && (!peer.isEventsClient || hold.userID == peer.userID)
            && connection == (request.isWhileConnected ? peer.connection : nil)
    }
}

extension ControlPeer {
    fileprivate func mayRelease(_ hold: MuteHold) -> Bool {
        !isEventsClient || hold.isEventsClient && hold.userID == userID
    }
}

extension MuteHold {
    /// For a sentence: `'assistant' (uid 1000, pid 77)`.
    fileprivate var sentence: String {
        let process = processID > 0 ? ", pid \(processID)" : ""
        return "'\(name)' (uid \(userID)\(process))"
    }
}
