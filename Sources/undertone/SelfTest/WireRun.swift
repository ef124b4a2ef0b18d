// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import EmotionStream
import EventSocket
import Foundation
import LiveListening
import Logging
import SampleRing
import ServiceRuntime

/// Runs the daemon's threads and server in this process, with a client on a real socket.
struct WireRun {
    /// Results of the run.
    struct Result: Sendable {
        var messages: [ServerMessage] = []
        /// Milliseconds from the last sample of each estimate's span to its arrival; without final ones, since they
        /// wait for the silence after the last word.
        var latencies: [Double] = []
        var capturedSamples: Int64 = 0
        var consumedSamples: Int64 = 0
        var lostSamples: Int64 = 0
        var settings = StreamSettings()
    }

    private let model: StreamModel
    private let voice: [Float]
    private let settings: StreamSettings

    init(_ model: StreamModel, _ voice: [Float]) {
        (self.model, self.voice) = (model, voice)
        settings = Self.settings(model)
    }

    /// An estimate every 20 ms instead of 250, for enough latencies in a few seconds.
    static func settings(_ model: StreamModel) -> StreamSettings {
        var settings = model.settings
        settings.estimateIntervalMilliseconds = 20
        return settings
    }

    func run() async throws -> Result {
        let folder = try TemporarySocketFolder()
        defer { folder.remove() }
        let origin = AudioOrigin()
        let (listener, server) = try parts(folder.path + "/selftest.sock", origin)
        async let serving: Void = server.run()
        var result: Result
        do { result = try await follow(folder.path + "/selftest.sock", listener, origin) } catch {
            listener.stop()
            server.shutdown()
            try await serving
            throw error
        }
        listener.stop()
        server.shutdown()
        try await serving
        (result.capturedSamples, result.consumedSamples) = (
            listener.capturedSamples, listener.consumedSamples
        )
        result.lostSamples = listener.lostSamples
        return result
    }

    private func parts(_ path: String, _ origin: AudioOrigin) throws -> (LiveListener, EventServer) {
        let arrived = try WakeSignal()
        let ends = makeRing(of: EmotionEvent.self, minimumCapacity: 2_048)
        let listener = try LiveListener(
            source: SyntheticCapture(voice, origin: origin),
            channel: .mix,
            model: model,
            settings: settings,
            ringSeconds: 4,
            events: ends.producer,
            eventsArrived: arrived
        )
        let server = try EventServer(
            settings: EventServerSettings(events: .path(path), control: nil),
            identity: identity,
            events: ends.consumer,
            arrived: arrived,
            sources: ServerSources(
                audioPosition: { listener.position },
                device: { listener.device },
                status: { StatusReport() }
            ),
            logger: Logger(label: "selftest") { _ in SwiftLogNoOpLogHandler() }
        )
        return (listener, server)
    }

    private var identity: ServerIdentity {
        ServerIdentity(
            server: "undertone/" + undertoneVersion,
            model: .init(
                id: model.id,
                sha256: model.sha256,
                labels: model.labels,
                hopMilliseconds: settings.estimateIntervalMilliseconds,
                isCausal: true,
                latencyMilliseconds: 0,
                calibrationSet: model.calibrationSet,
                attributes: model.attributes
            )
        )
    }

    /// Subscribes before the first sample, on a thread that may block.
    private func follow(_ path: String, _ listener: LiveListener, _ origin: AudioOrigin) async throws
        -> Result
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Swift.Result {
                        let client = try EventClient(paths: [path])
                        var options = SubscriptionOptions()
                        options.name = "undertone selftest"
                        options.queueMaximum = 4_096
                        try client.subscribe(options)
                        listener.start()
                        return try collect(client, origin)
                    }
                )
            }
        }
    }

    /// Takes messages until capture reports the end of the voice and no more messages arrive: audio left in the ring
    /// is analysed after that report.
    private func collect(_ client: EventClient, _ origin: AudioOrigin) throws -> Result {
        var result = Result(settings: settings)
        var patience = Duration.seconds(10)
        while let message = try next(client, within: patience) {
            let now = CaptureClock.nowNanoseconds()
            result.messages.append(message)
            if message.type == "state", message["capture"]?.string == "idle" { patience = .milliseconds(500) }
            let end = message["span"]?.array?.last?.number
            guard message.type == "estimate", message["final"]?.bool == false, let end else { continue }
            let heard = origin.nanoseconds + Int64((end * 1e9).rounded())
            result.latencies.append(Double(now - heard) / 1e6)
        }
        return result
    }

    private func next(_ client: EventClient, within patience: Duration) throws -> ServerMessage? {
        do { return try client.next(timeout: patience) } catch ClientError.timedOut { return nil }
    }
}

/// A folder for a socket, which only this user may enter.
private struct TemporarySocketFolder {
    let path: String

    init() throws {
        // Not the configured temporary folder, which may be too deep: a socket's path has 107 bytes at most.
        var template = Array("/tmp/undertone-selftest-\(getpid())-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            let reason = String(cString: strerror(errno))
            throw ProgramFailure(.other, "cannot make a folder for the socket in /tmp: \(reason)")
        }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
