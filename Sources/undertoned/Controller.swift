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

/// Carries out control commands on the running daemon, one after the other.
actor Controller {
    private let listener: LiveListener
    private let source: SettingsSource
    private let holds: MuteHolds
    private let demand: CaptureDemand
    private let models: ModelGenerations
    private let log: DaemonLog
    private let settingsAtStart: Settings
    private var settings: Settings
    private var turn: Task<Void, Never>?
    private var overrides: [String: String] = [:]
    private var model: StreamModel
    private var stream: StreamSettings

    init(
        listener: LiveListener,
        source: SettingsSource,
        settings: Settings,
        model: StreamModel,
        stream: StreamSettings,
        holds: MuteHolds,
        demand: CaptureDemand,
        models: ModelGenerations,
        log: DaemonLog
    ) {
        self.listener = listener
        self.source = source
        self.settings = settings
        settingsAtStart = settings
        self.model = model
        self.stream = stream
        self.holds = holds
        self.demand = demand
        self.models = models
        self.log = log
    }

    func carryOut(_ command: ControlCommand, for peer: ControlPeer) async -> ControlOutcome {
        let outcome = await outcome(of: command, for: peer)
        if command != .devices { log(command, peer, outcome) }
        return outcome
    }

    private func outcome(of command: ControlCommand, for peer: ControlPeer) async -> ControlOutcome {
        switch command {
        case .devices: return await devices()
        case .mute(let request): return holds.set(request, for: peer) ?? .done()
        case .lockMute: return await lockMute()
        case .unmute(let hold): return holds.release(hold, for: peer)
        case .reset: listener.reset()
        case .reload: return await reload()
        case .useDevice(let name): return await use(name)
        case .set(let values): return await set(values)
        }
        return .done()
    }

    nonisolated func log(_ command: ControlCommand, _ peer: ControlPeer, _ outcome: ControlOutcome) {
        func write(_ level: Logger.Level, _ message: Logger.Message) {
            let who: Logger.Metadata = ["uid": "\(peer.userID)", "pid": "\(peer.processID)"]
            log.limited.write(
                peer.isEventsClient ? .clientCommand : .command,
                level,
                message,
                metadata: who,
                user: peer.userID
            )
        }
        switch outcome {
        case .done(let note): write(.notice, "\(command.sentence)\(note.map { ": " + $0 } ?? "")")
        case .refused(let message, _), .locked(let message, _):
            write(.warning, "\(command.sentence) refused: \(message)")
        case .devices: break
        }
    }
}

// MARK: Microphone

extension Controller {
    /// Sets the mute lock. `EventSocket` mutes the microphone before it calls this.
    private func lockMute() async -> ControlOutcome {
        let lock = holds.lock
        let problem = lock.set()
        holds.applyAgain()
        if let problem {
            return .refused("muted, but not locked: \(lock.path) cannot be written: \(problem)")
        }
        let removal = "remove \(lock.path) before unmuting"
        for _ in 0..<15 {
            if case .settled(let note) = holds.progress { return .done(note: joined([note, removal])) }
            try? await Task.sleep(for: .milliseconds(2))
        }
        guard case .pending(let note) = holds.progress else { return .done(note: removal) }
        return .done(note: joined([note, removal]))
    }

    /// Lists the devices on a separate thread, since a sound server may take a second to answer.
    private nonisolated func devices() async -> ControlOutcome {
        let failure = ProgramFailure(.other, "the sound system did not list its devices within 8 s")
        let list: [AudioDevice]
        do { list = try await withTimeLimit(.seconds(8), else: failure) { AudioDevice.list() } } catch {
            return .refused("\(error)")
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
    /// Reads the configuration and the model again. An error in either refuses the reload and changes nothing.
    func reload() async -> ControlOutcome { await inTurn { await self.adopt(nil) } }

    /// Runs `work` after all earlier work: reading a file suspends the actor, and another request may arrive meanwhile.
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

    /// Applies `values` on top of those that were set before; nil, for a reload, drops all of them.
    private func adopt(_ values: [String: String]?) async -> ControlOutcome {
        let isReload = values == nil
        let new = values.map { overrides.merging($0) { $1 } } ?? [:]
        do {
            let settings = try await read(new)
            let changed = settings.changed(from: self.settings, in: DaemonSettings.all)
            let isOther = isReload || changed.contains(DaemonSettings.model.row.key)
            let path = settings[DaemonSettings.model]
            let loaded = isOther ? try await ModelLoading.model(at: path) : (model: self.model, deafness: nil)
            let device = DaemonSettings.device.row.key
            // A device that is named is opened again even if it is the same: a file starts from its beginning.
            let stream = try settings.stream(over: loaded.model.settings)
            if changed.contains(device) || values?[device] != nil { try use(settings) }
            adopt(loaded.model, stream, isReload: isReload)
            demand.set(isAlways: settings[DaemonSettings.capture] == "always")
            log.threshold.level = settings.logLevel
            self.settings = settings
            overrides = new
            return .done(note: joined([loaded.deafness, lateNote(settings)]))
        } catch {
            return .refused(describeFailure(error).description, hint: "nothing was changed")
        }
    }

    private func lateNote(_ settings: Settings) -> String? {
        let late = settings.changed(from: settingsAtStart, in: DaemonSettings.all).filter {
            !DaemonSettings.live.contains($0)
        }
        return late.isEmpty ? nil : "takes effect with the next start: \(late.joined(separator: ", "))"
    }

    private func read(_ overrides: [String: String]) async throws -> Settings {
        let failure = ProgramFailure(
            .configuration,
            "the configuration could not be read within \(ModelLoading.settingsLimit.components.seconds) s; check its disk"
        )
        let source = source
        let settings = try await withTimeLimit(ModelLoading.settingsLimit, else: failure) {
            let settings = try source.read(overrides: overrides)
            try settings.checkDevice()
            return settings
        }
        return settings
    }

    /// Changes the device and reports the result, for which it waits at most a second.
    private func use(_ name: String) async -> ControlOutcome {
        let before = listener.report.sourceChanges
        let outcome = await set([DaemonSettings.device.row.key: name])
        guard case .done(let note) = outcome else { return outcome }
        for _ in 0..<100 {
            let isKnown = listener.report.sourceChanges != before && listener.condition != .starting
            if isKnown { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return .done(note: joined([note, useNote(name)]))
    }

    /// Reason that `name` is not captured now; nil if it is.
    private func useNote(_ name: String) -> String? {
        let error = listener.status.lastError.map { ": \($0)" } ?? ""
        switch listener.condition {
        case .open: return nil
        case .muted: return "\(name) is opened when the microphone is unmuted"
        case .idle where listener.report.isOver: return "\(name) has ended\(error)"
        case .idle: return "\(name) is opened when a client subscribes"
        case .noDevice, .lost: return "\(name) is not available yet and is tried again\(error)"
        case .starting, .stalled, .suspended: return "\(name) has delivered no sound yet\(error)"
        }
    }

    /// Changes the source but keeps the channel of the start, for which the decoder was made.
    private func use(_ settings: Settings) throws {
        listener.use(try settings.makeSource(channel: settingsAtStart.channel))
    }

    /// Replaces the model if it or its settings changed. A reload always replaces it, since its configuration may be new.
    private func adopt(_ model: StreamModel, _ stream: StreamSettings, isReload: Bool) {
        if !isReload, stream == self.stream, model.sha256 == self.model.sha256 { return }
        self.model = model
        self.stream = stream
        let generation = models.add(ServerIdentity.Model(model, stream))
        listener.replaceModel(with: model, settings: stream, generation: generation)
        // Reading a model briefly takes several times its size; the daemon returns that memory to the system.
        ProcessMemory.giveBack()
    }
}

/// The sentences that are not nil, joined; nil if there are none.
private func joined(_ sentences: [String?]) -> String? {
    let all = sentences.compactMap { $0 }
    return all.isEmpty ? nil : all.joined(separator: "; ")
}

/// Models that are not yet announced to the clients, by the numbers of their `reloaded` events. Any thread.
final class ModelGenerations: Sendable {
    private struct Contents {
        var waiting: [UInt64: ServerIdentity.Model] = [:]
        var newest: ServerIdentity.Model?
        var count: UInt64 = 0
    }

    private let contents = Mutex(Contents())

    /// Adds a model and returns its number.
    func add(_ model: ServerIdentity.Model) -> UInt64 {
        contents.withLock { contents in
            contents.count += 1
            contents.waiting[contents.count] = model
            contents.newest = model
            return contents.count
        }
    }

    /// The model that was added last.
    var newest: ServerIdentity.Model? { contents.withLock(\.newest) }

    /// Returns a model, once. It and all earlier ones are dropped, so that reloads do not use more and more memory.
    func take(_ generation: UInt64) -> ServerIdentity.Model? {
        contents.withLock { contents in
            let model = contents.waiting[generation]
            contents.waiting = contents.waiting.filter { $0.key > generation }
            return model
        }
    }
}
