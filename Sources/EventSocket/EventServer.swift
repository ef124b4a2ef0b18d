// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
public import Logging
import NIOCore
import NIOPosix
public import SampleRing
public import ServiceLifecycle
import Synchronization

/// Functions that the server calls in the rest of the daemon. Called on the socket thread; must not wait.
public struct ServerSources: Sendable {
    /// The audio clock, in samples: captured samples, plus the time in which a device did not deliver.
    public var audioPosition: @Sendable () -> Int64
    /// Name of the capture device.
    public var device: @Sendable () -> String?
    /// State of the daemon.
    public var status: @Sendable () -> StatusReport
    /// The model as of its `reloaded` event; nil if only thresholds changed.
    public var model: @Sendable (_ generation: UInt64) -> ServerIdentity.Model? = { _ in nil }
    /// Runs a command of the owner. Not on the socket thread; may take seconds.
    public var carryOut: @Sendable (ControlCommand, ControlPeer) async -> ControlOutcome = { command, _ in
        .refused("'\(command.verb)' is not possible here")
    }
    /// Sets a hold on the microphone; returns nil, or the reason for a refusal. No audio is analysed after it returns.
    public var mute: @Sendable (MuteRequest, ControlPeer) -> ControlOutcome? = { _, _ in
        .refused("'mute' is not possible here")
    }
    /// Progress of the last mute.
    public var muteProgress: @Sendable () -> MuteProgress = { .settled(note: nil) }
    /// Called when a connection with a `while_connected` hold has ended.
    public var connectionEnded: @Sendable (UInt64) -> Void = { _ in }
    /// Called with the number of subscriptions when it changes.
    public var subscriptionsChanged: @Sendable (Int) -> Void = { _ in }

    /// Sources from closures; the others keep their defaults, which do nothing.
    public init(
        audioPosition: @escaping @Sendable () -> Int64,
        device: @escaping @Sendable () -> String?,
        status: @escaping @Sendable () -> StatusReport
    ) {
        self.audioPosition = audioPosition
        self.device = device
        self.status = status
    }
}

/// Sends events to every client: JSON lines over Unix sockets.
///
/// The sockets exist when `init` returns, so the daemon can report that it is ready: clients that connect after
/// that wait in the kernel until ``run()``. One thread of its own serves all of them. It never blocks the
/// inference thread, which pushes into a ring and signals.
///
/// - Thread: all methods from any thread.
public final class EventServer: Service {
    private let settings: EventServerSettings
    private let identity: ServerIdentity
    private let sources: ServerSources
    private let logger: Logger
    private let limitedLog: LimitedLog
    private let arrived: WakeSignal
    private let ring: Mutex<RingConsumer<EmotionEvent>?>
    private let listeners: [(role: SocketRole, socket: ListeningSocket)]
    private let loop = Mutex<(any EventLoop)?>(nil)
    private let beatCount = Atomic<UInt64>(0)
    private let stopRequests = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// Opens the sockets.
    ///
    /// - Parameters:
    ///   - events: the end of the ring that the inference thread fills.
    ///   - arrived: signalled by the inference thread after each push.
    ///   - limitedLog: log for lines that clients can cause; nil for one of its own. The server reports its withheld lines.
    /// - Throws: ``EventSocketError``, most often because another instance uses the path.
    public init(
        settings: EventServerSettings,
        identity: ServerIdentity,
        events: consuming RingConsumer<EmotionEvent>,
        arrived: WakeSignal,
        sources: ServerSources,
        logger: Logger,
        limitedLog: LimitedLog? = nil
    ) throws(EventSocketError) {
        self.settings = settings
        self.identity = identity
        self.sources = sources
        self.logger = logger
        self.limitedLog = limitedLog ?? LimitedLog(logger)
        self.arrived = arrived
        ring = Mutex(events)
        listeners = try Self.listen(settings)
    }

    private static func listen(
        _ settings: EventServerSettings
    ) throws(EventSocketError) -> [(role: SocketRole, socket: ListeningSocket)] {
        let folder = settings.runtimeFolder
        let events = try ListeningSocket(
            settings.events,
            name: "events",
            mode: settings.mode,
            runtimeFolder: folder
        )
        guard let endpoint = settings.control else { return [(.events, events)] }
        do throws(EventSocketError) {
            let control = try ListeningSocket(endpoint, name: "control", mode: 0o600, runtimeFolder: folder)
            return [(.events, events), (.control, control)]
        } catch {
            events.discard()
            throw error
        }
    }

    /// Serves until ``shutdown()``, a graceful shutdown of the service group, or the task's cancellation.
    ///
    /// Then every client receives its queued lines and a `bye`, and the sockets' files are removed.
    /// A server runs only once.
    public func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do { try await serve(on: group) } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(on group: MultiThreadedEventLoopGroup) async throws {
        let broker = NIOLoopBoundBox.makeBoxSendingValue(makeBroker(group.next()), eventLoop: group.next())
        let doors = Doors(listeners.map(\.socket))
        // The path is released last: the next instance starts after this one has closed its clients.
        defer { doors.release() }
        try await open(doors, broker, on: group)
        let bell = try await watch(broker, on: group)
        let clock = group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            broker.value.tick()
        }
        loop.withLock { $0 = group.next() }
        let failure = await untilStopped(or: { try await self.keepListening(doors, broker, on: group) })
        loop.withLock { $0 = nil }
        clock.cancel()
        try await close(doors.channels + [bell], broker, on: group)
        if let failure { throw failure }
    }

    /// Ends ``run()``, now or as soon as it begins.
    public func shutdown() { stopRequests.continuation.yield() }

    /// Runs `work` and waits for the shutdown, or for a failure of `work`, which is returned.
    private func untilStopped(or work: @escaping @Sendable () async throws -> Void) async -> (any Error)? {
        let failure = Mutex<(any Error)?>(nil)
        let side = Task {
            do { try await work() } catch is CancellationError {} catch {
                failure.withLock { $0 = error }
                self.shutdown()
            }
        }
        await withGracefulShutdownHandler {
            for await _ in stopRequests.stream { break }
        } onGracefulShutdown: {
            self.shutdown()
        }
        side.cancel()
        await side.value
        return failure.withLock { $0 }
    }

    private func makeBroker(_ loop: any EventLoop) -> sending Broker {
        guard let ring = ring.withLock({ $0.take() }) else { preconditionFailure("a server runs only once") }
        return Broker(
            settings: settings,
            identity: identity,
            sources: sources,
            ring: ring,
            log: limitedLog,
            loop: loop
        )
    }

    /// Number of ``ping()`` calls that the socket thread has answered, for a watchdog.
    public var beats: UInt64 { beatCount.load(ordering: .relaxed) }

    /// Requests a heartbeat from the socket thread. Does nothing unless ``run()`` runs.
    public func ping() {
        loop.withLock { $0 }?.execute { self.beatCount.add(1, ordering: .relaxed) }
    }
}

extension EventServer {
    private func open(
        _ doors: Doors,
        _ broker: NIOLoopBoundBox<Broker>,
        on group: MultiThreadedEventLoopGroup
    ) async throws {
        for (index, listener) in listeners.enumerated() {
            doors.set(
                try await serve(listener.socket, listener.role, broker, on: group),
                listener.socket,
                at: index
            )
        }
    }

    private func serve(
        _ socket: ListeningSocket,
        _ role: SocketRole,
        _ broker: NIOLoopBoundBox<Broker>,
        on group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        let channel = try await bootstrap(broker, role, on: group).withBoundSocket(socket.handOver()).get()
        socket.restoreBacklog()
        return channel
    }

    /// Listens again when the file of a socket is removed. Open connections stay.
    private func keepListening(
        _ doors: Doors,
        _ broker: NIOLoopBoundBox<Broker>,
        on group: MultiThreadedEventLoopGroup
    ) async throws {
        var watches = listeners.map { _ in ListeningWatch(logger) }
        while true {
            try await Task.sleep(for: ListeningWatch.interval)
            for (index, listener) in listeners.enumerated() {
                guard let fresh = try watches[index].replacement(of: doors.socket(at: index)) else {
                    continue
                }
                let old = doors.channels[index]
                doors.set(try await serve(fresh, listener.role, broker, on: group), fresh, at: index)
                try? await old.close()
            }
        }
    }

    private func bootstrap(
        _ broker: NIOLoopBoundBox<Broker>,
        _ role: SocketRole,
        on group: MultiThreadedEventLoopGroup
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DescriptorReserve())
                }
            }
            // Each connection keeps its buffer, and requests are short.
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 512))
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(broker.value, role: role))
                }
            }
    }

    private func watch(
        _ broker: NIOLoopBoundBox<Broker>,
        on group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        let arrived = self.arrived
        return try await NIOPipeBootstrap(group: group)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16))
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        WakeHandler(broker.value, arrived: arrived)
                    )
                }
            }
            // A duplicate, since the channel closes its descriptor.
            .takingOwnershipOfDescriptor(input: dup(arrived.readDescriptor)).get()
    }

    private func close(
        _ channels: [any Channel],
        _ broker: NIOLoopBoundBox<Broker>,
        on group: MultiThreadedEventLoopGroup
    ) async throws {
        for channel in channels { try? await channel.close() }
        try await group.next().submit {
            broker.value.closeAll()
        }.get()
    }
}
