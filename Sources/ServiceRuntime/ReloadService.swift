// SPDX-License-Identifier: Apache-2.0
public import ServiceLifecycle
import UnixSignals

/// Calls `reload` at each SIGHUP while the program runs, and tells the service manager when it begins and ends.
public struct ReloadService: Service {
    private let manager: SystemdNotifier
    private let reload: @Sendable () async -> String

    /// - Parameter reload: reads everything anew; returns the status line to show afterwards.
    public init(_ manager: SystemdNotifier, reload: @escaping @Sendable () async -> String) {
        self.manager = manager
        self.reload = reload
    }

    /// Runs until the graceful shutdown.
    public func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            manager.reloading()
            manager.ready(status: await reload())
        }
    }
}
