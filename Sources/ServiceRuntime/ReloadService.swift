// SPDX-License-Identifier: Apache-2.0
public import ServiceLifecycle
import UnixSignals

/// Calls `reload` at each SIGHUP while the program runs, and reports its beginning and end to the service manager.
public struct ReloadService: Service {
    private let manager: SystemdNotifier
    private let reload: @Sendable () async -> String

    /// - Parameter reload: reads everything again; returns the status line to show afterwards.
    public init(_ manager: SystemdNotifier, reload: @escaping @Sendable () async -> String) {
        self.manager = manager
        self.reload = reload
    }

    /// Runs until the graceful shutdown.
    public func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            manager.reloading()
            if let status = await reloaded() { manager.ready(status: status) }
        }
    }

    /// The status line after the reload; nil if the program ends first, since a slow disk must not delay that.
    private func reloaded() async -> String? {
        let (statuses, done) = AsyncStream<String>.makeStream()
        let reload = reload
        Task {
            done.yield(await reload())
            done.finish()
        }
        return await cancelWhenGracefulShutdown {
            for await status in statuses { return status }
            return nil
        }
    }
}
