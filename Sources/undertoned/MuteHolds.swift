// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Glibc
import Synchronization

/// Keeps the microphone closed while there is a hold, or the lock is on. Any thread; never waits.
///
/// A hold is identified by its name and by the owner or, for clients of the events socket, its user. The owner may release
/// any hold; a client only the holds of its own user that came over the events socket.
final class MuteHolds: Sendable {
    /// Most holds that one user may set over the events socket.
    private static let mostOfOneClient = 16
    /// Number of holds from which on the events socket may set no more, and the owner none with a name.
    private static let mostOfClients = 48
    private static let most = 64

    fileprivate struct Entry: Sendable {
        var hold: MuteHold
        let connection: UInt64?
        /// Number of the last request that set it.
        var order: UInt64
    }

    let lock: MuteLock
    private let store: MuteStore
    private let apply: @Sendable (_ isMuted: Bool) -> Void
    private let isClosed: @Sendable () -> Bool
    private let entries = Mutex<[Entry]>([])

    /// Manages holds that are saved in `store`.
    ///
    /// - Parameters:
    ///   - apply: closes the microphone or lets it open.
    ///   - isClosed: returns true once the microphone is closed.
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

    /// Restores the holds that were saved when the daemon ended. Call it before capture starts.
    ///
    /// - Returns: a message if they could not be read; one hold then replaces them.
    func restore() -> String? {
        let (holds, problem) = store.read()
        change { $0 = holds.map { Entry(hold: $0, connection: nil, order: 0) } }
        return problem
    }

    /// The holds, oldest first.
    var all: [MuteHold] { entries.withLock { $0.map(\.hold) } }

    /// True if `unmute` is refused.
    var isLocked: Bool { lock.isSet }

    /// Sets a hold. Returns nil, or the refusal; on return no more audio is analysed.
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

    /// True if there is no room for another hold. There always is for the owner's plain mute.
    private func isFull(_ entries: [Entry], _ request: MuteRequest, _ peer: ControlPeer) -> Bool {
        if !peer.isEventsClient {
            return entries.count >= Self.most && request.hold != MuteRequest.standardName
        }
        let own = entries.count { $0.hold.isEventsClient && $0.hold.userID == peer.userID }
        return own >= Self.mostOfOneClient || entries.count >= Self.mostOfClients
    }

    /// Releases the holds with the name `name` that were set before the request `peer.order` and that `peer` may release.
    func release(_ name: String, for peer: ControlPeer) -> ControlOutcome {
        if lock.isSet { return .locked("mute is locked", hint: lock.remedy + ", then unmute") }
        let (released, left) = change { entries in
            let before = entries.count
            entries.removeAll { $0.hold.name == name && $0.order < peer.order && peer.mayRelease($0.hold) }
            return (before - entries.count, entries.map(\.hold))
        }
        if left.isEmpty { return .done(note: store.problem.map { "not saved: " + $0 }) }
        let holders = left.map(\.sentence).joined(separator: ", ")
        if released > 0 || name == MuteRequest.standardName {
            return .done(note: "the microphone stays closed, held by \(holders)")
        }
        return .refused("you have no hold '\(name)'", hint: "the microphone is held by \(holders)")
    }

    /// Ends the holds that last only as long as `connection`.
    func end(ofConnection connection: UInt64) {
        change { entries in entries.removeAll { $0.connection == connection } }
    }

    /// Closes or opens the microphone as the holds and the lock require.
    func applyAgain() { change { _ in } }

    /// Progress of the last mute.
    var progress: MuteProgress {
        if entries.withLock(\.isEmpty), !lock.isSet { return .settled(note: nil) }
        let kept = store.isSettled ? store.problem.map { "not saved for a restart: " + $0 } : nil
        if isClosed(), store.isSettled { return .settled(note: kept) }
        let why =
            isClosed()
            ? "the hold is not on the disk yet" : "a driver or sound server still holds the microphone"
        return .pending(note: "no more audio is analysed; \(why)")
    }

    /// Changes the holds and applies them before another thread can change them.
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

    /// True if `request` of `peer` sets this hold again. Root and the daemon's user are one owner.
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
    /// The hold for a message: `'assistant' (uid 1000, pid 77)`.
    fileprivate var sentence: String {
        let process = processID > 0 ? ", pid \(processID)" : ""
        return "'\(name)' (uid \(userID)\(process))"
    }
}
