// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import Logging
import SampleRing
import Synchronization

/// A real server on a real socket in a folder of its own, and the inference thread's end of the ring.
final class LiveServer: Sendable {
    static let labels = ["neutral", "happy", "sad"]
    /// Long, since a machine that runs all tests at once may be slow.
    private static let patience = Duration.seconds(300)
    let path: String
    private let wake: WakeSignal
    private let producer: Mutex<RingProducer<EmotionEvent>>
    private let server: EventServer

    init(path: String, ringCapacity: Int = 1_024, change: (inout EventServerSettings) -> Void = { _ in })
        throws
    {
        self.path = path
        var settings = EventServerSettings(path: path)
        change(&settings)
        let wake = try WakeSignal()
        self.wake = wake
        let ends = makeRing(of: EmotionEvent.self, minimumCapacity: ringCapacity)
        producer = Mutex(ends.producer)
        server = try EventServer(
            settings: settings,
            identity: Self.identity,
            events: ends.consumer,
            arrived: wake,
            sources: Self.sources,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// Runs a server in a fresh folder around `body`, which may block.
    static func run(
        ringCapacity: Int = 1_024,
        change: (inout EventServerSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (LiveServer) throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let server = try LiveServer(path: folder.path + "/u.sock", ringCapacity: ringCapacity, change: change)
        try await server.serve(while: body)
    }

    /// Serves while `body` runs on a thread that it may block.
    func serve(while body: @escaping @Sendable (LiveServer) throws -> Void) async throws {
        let server = server
        async let running: Void = server.run()
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                self.waitUntilItServes()
                continuation.resume(returning: Result { try body(self) })
            }
        }
        server.shutdown()
        try await running
        try result.get()
    }

    /// Waits for the task that serves: when other tests keep all task threads busy, it begins late, and a
    /// client's timeout should measure the server, not other tests.
    private func waitUntilItServes() {
        let before = server.beats
        let end = ContinuousClock.now + .seconds(600)
        while server.beats == before, ContinuousClock.now < end {
            server.ping()
            usleep(5_000)
        }
    }

    func stop() { server.shutdown() }

    /// Pushes as the inference thread does.
    ///
    /// - Returns: false if the ring was full.
    @discardableResult
    func publish(_ event: EmotionEvent) -> Bool {
        let accepted = producer.withLock { producer in
            let one = InlineArray<1, EmotionEvent>(repeating: event)
            return producer.push(one.span)
        }
        wake.signal()
        return accepted == 1
    }

    /// Room in the ring.
    var room: Int { producer.withLock { $0.freeCount } }

    func client() throws -> EventClient { try EventClient(paths: [path], timeout: Self.patience) }

    func controlClient() throws -> EventClient {
        try EventClient(paths: [EventServerSettings.controlPath(beside: path)], timeout: Self.patience)
    }

    static let identity = ServerIdentity(
        server: "undertone/test",
        model: .init(
            id: "tiny",
            sha256: String(repeating: "0", count: 64),
            labels: labels,
            hopMilliseconds: 250,
            isCausal: true,
            latencyMilliseconds: 35,
            calibrationSet: "three speakers"
        )
    )

    /// Labels of the generation 1 and all after it: fewer, and others.
    static let newLabels = ["calm", "cross"]

    static let sources: ServerSources = {
        var sources = ServerSources(
            audioPosition: { 16_000 },
            device: { "pulse:mic" },
            status: {
                var report = StatusReport()
                report.capturedSamples = 16_000
                return report
            }
        )
        sources.model = { generation in
            var model = identity.model
            model.id = "generation \(generation)"
            model.labels = newLabels
            return model
        }
        sources.mute = { _, _ in nil }
        return sources
    }()
}

/// A temporary folder that is removed with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        let name = "ut-" + String(UInt32.random(in: 0 ... .max), radix: 36)
        path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
