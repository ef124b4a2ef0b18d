// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A real daemon on a socket of its own.
final class Daemon {
    let folder = TemporaryFolder()
    let running: RunningProgram
    var socketPath: String { folder("undertone.sock") }

    /// Starts the daemon and waits until its socket answers.
    ///
    /// - Parameter device: by default one that does not exist, which a daemon must survive.
    init(device: String = "alsa:nobody_has_this", options: [String] = [], environment: [String: String] = [:])
        async throws
    {
        let path = folder("undertone.sock")
        running = try Program.undertoned.start(
            ["--device", device, "--socket", path],
            environment: environment
        )
        let running = running
        let isUp = try await eventually { !running.isRunning || SocketClient.isAnswered(at: path) }
        try #require(isUp && running.isRunning, "\(running.messagesSoFar)")
    }

    func client() throws -> SocketClient { try SocketClient(path: socketPath) }

    /// Asks it to end and says how it did.
    func terminate(_ signal: Int32 = SIGTERM) async -> Outcome {
        running.send(signal)
        return await running.outcome()
    }
}
