// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import EmotionStream
import EventSocket
import Foundation
import LiveListening
import Logging
import ServiceRuntime
import Synchronization

/// Does what the owner asks of the running daemon, one thing after the other.
actor Controller {
    private let listener: LiveListener
    private let source: SettingsSource
    private let lock: MuteLock
    private let demand: CaptureDemand
    private let threshold: LogThreshold
    private let models: ModelGenerations
    private let logger: Logger
    private let settingsAtStart: Settings
    private var settings: Settings
    private var turn: Task<Void, Never>?
    private var overrides: [String: String] = [:]
    private var model: StreamModel

    init(
        _ listener: LiveListener,
        _ source: SettingsSource,
        _ settings: Settings,
        _ model: StreamModel,
        lock: MuteLock,
        demand: CaptureDemand,
        threshold: LogThreshold,
        models: ModelGenerations,
        logger: Logger
    ) {
        self.listener = listener
        self.source = source
        self.settings = settings
        settingsAtStart = settings
        self.model = model
        self.lock = lock
        self.demand = demand
        self.threshold = threshold
        self.models = models
        self.logger = logger
        if lock.isSet { listener.mute() }
    }

    func carryOut(_ command: ControlCommand, for peer: ControlPeer) async -> ControlOutcome {
        let outcome = await outcome(of: command)
        if command != .devices { log(command, peer, outcome) }
        return outcome
    }

    private func outcome(of command: ControlCommand) async -> ControlOutcome {
        switch command {
        case .devices: return await devices()
        case .mute: return await mute()
        case .lockMute: return await lockMute()
        case .unmute: return unmute()
        case .reset: listener.reset()
        case .reload: return await reload()
        case .useDevice(let name): return await set([DaemonSettings.device.row.key: name])
        case .set(let values): return await set(values)
        }
        return .done()
    }

    private func log(_ command: ControlCommand, _ peer: ControlPeer, _ outcome: ControlOutcome) {
        let who: Logger.Metadata = ["uid": "\(peer.userID)", "pid": "\(peer.processID)"]
        switch outcome {
        case .done(let note):
            logger.notice("\(command.sentence)\(note.map { ": " + $0 } ?? "")", metadata: who)
        case .refused(let message, _), .locked(let message, _):
            logger.warning("\(command.sentence) refused: \(message)", metadata: who)
        case .devices: break
        }
    }
}

// MARK: Microphone

extension Controller {
    /// Answers when the microphone is closed, or says that it could not be yet.
    private func mute() async -> ControlOutcome {
        listener.mute()
        for _ in 0..<50 where listener.condition != .muted { try? await Task.sleep(for: .milliseconds(10)) }
        if listener.condition == .muted { return .done() }
        return .done(
            note: "nothing is heard any more; a driver or sound server that hangs still holds the microphone"
        )
    }

    private func lockMute() async -> ControlOutcome {
        let problem = lock.set()
        let outcome = await mute()
        guard let problem else {
            guard case .done(let note?) = outcome else {
                return .done(note: "remove \(lock.path) before unmuting")
            }
            return .done(note: "\(note); remove \(lock.path) before unmuting")
        }
        return .refused("muted, but not locked: \(lock.path) cannot be written: \(problem)")
    }

    private func unmute() -> ControlOutcome {
        if lock.isSet {
            return .locked("mute is locked", hint: "remove \(lock.path) at this machine, then unmute")
        }
        listener.unmute()
        return .done()
    }

    /// On a thread of its own, since a sound server may take a second to answer.
    private nonisolated func devices() async -> ControlOutcome {
        let list = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: AudioDevice.list()) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .devices(
            list.compactMap { try? encoder.encode($0) }.map { String(decoding: $0, as: UTF8.self) }
        )
    }
}

// MARK: Settings

extension Controller {
    /// Reads configuration and model anew. What is wrong is refused as a whole, and nothing has changed.
    func reload() async -> ControlOutcome { await inTurn { await self.adopt(nil) } }

    /// One after the other: settings are read from a file, and meanwhile the next request may come.
    private func inTurn(_ work: @escaping @Sendable () async -> ControlOutcome) async -> ControlOutcome {
        let before = turn
        let mine = Task {
            await before?.value
            return await work()
        }
        turn = Task { _ = await mine.value }
        return await mine.value
    }

    private func set(_ values: [String: String]) async -> ControlOutcome {
        if let key = values.keys.sorted().first(where: { key in
            DaemonSettings.all.contains { $0.key == key } && !DaemonSettings.live.contains(key)
        }) {
            return .refused(
                "\(key) cannot be changed while the daemon runs",
                hint: "write it to the configuration and restart"
            )
        }
        return await inTurn { await self.adopt(values) }
    }

    /// Takes `values` over those that were set before, or for a reload none of them.
    private func adopt(_ values: [String: String]?) async -> ControlOutcome {
        let isReload = values == nil
        let new = values.map { overrides.merging($0) { $1 } } ?? [:]
        do {
            let settings = try await source.read(overrides: new)
            let changed = settings.changed(from: self.settings, in: DaemonSettings.all)
            let isOther = isReload || changed.contains(DaemonSettings.model.row.key)
            let model = isOther ? try StreamModel(path: settings[DaemonSettings.model]) : self.model
            if changed.contains(DaemonSettings.device.row.key) { try use(settings) }
            adopt(model, settings, isReload: isReload)
            demand.set(isAlways: settings[DaemonSettings.capture] == "always")
            threshold.level = settings.logLevel
            self.settings = settings
            overrides = new
            let late = settings.changed(from: settingsAtStart, in: DaemonSettings.all).filter {
                !DaemonSettings.live.contains($0)
            }
            return .done(
                note: late.isEmpty ? nil : "takes effect with the next start: \(late.joined(separator: ", "))"
            )
        } catch {
            return .refused(describeFailure(error).description, hint: "everything stays as it was")
        }
    }

    /// The channel is the one of the start, for which the decoder was made.
    private func use(_ settings: Settings) throws {
        listener.use(try settings.makeSource(channel: settingsAtStart.channel))
    }

    /// A reload takes the model as it is now on the disk, even if only a word of its configuration is new.
    private func adopt(_ model: StreamModel, _ settings: Settings, isReload: Bool) {
        let stream = settings.stream(over: model.settings)
        let before = self.settings.stream(over: self.model.settings)
        if !isReload, stream == before, model.sha256 == self.model.sha256 { return }
        self.model = model
        let generation = models.add(ServerIdentity.Model(model, stream))
        listener.replaceModel(with: model, settings: stream, generation: generation)
        // Reading a model takes several times its size for a moment; a daemon should not keep that for months.
        ProcessMemory.giveBack()
    }
}

/// Models on their way to the subscribers, by the numbers of their `reloaded` events. Any thread.
final class ModelGenerations: Sendable {
    private struct Contents {
        var waiting: [UInt64: ServerIdentity.Model] = [:]
        var newest: ServerIdentity.Model?
        var count: UInt64 = 0
    }

    private let contents = Mutex(Contents())

    /// Adds the next one and returns its number.
    func add(_ model: ServerIdentity.Model) -> UInt64 {
        contents.withLock { contents in
            contents.count += 1
            contents.waiting[contents.count] = model
            contents.newest = model
            return contents.count
        }
    }

    /// The one that was added last.
    var newest: ServerIdentity.Model? { contents.withLock(\.newest) }

    /// Hands one out, once; it and those before it are not kept, so that a year of reloads takes no memory.
    func take(_ generation: UInt64) -> ServerIdentity.Model? {
        contents.withLock { contents in
            let model = contents.waiting[generation]
            contents.waiting = contents.waiting.filter { $0.key > generation }
            return model
        }
    }
}
