// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A real daemon on its own socket.
final class Daemon {
    let folder = TemporaryFolder()
    let running: RunningProgram
    var socketPath: String { folder("undertone.sock") }
    /// Variable with the folder in which it saves holds on the microphone for the next daemon.
    var environment: [String: String] { ["XDG_STATE_HOME": folder("state")] }

    /// Starts the daemon and waits until its socket answers.
    ///
    /// - Parameters:
    ///   - device: by default one that does not exist, which a daemon must survive.
    ///   - observer: a program that starts the daemon and watches it; the daemon keeps the process id.
    init(
        device: String = "alsa:nobody_has_this",
        options: [String] = [],
        environment: [String: String] = [:],
        observer: [String] = []
    ) async throws {
        let path = folder("undertone.sock")
        let words = observer + [Program.undertoned.url.path, "--device", device, "--socket", path] + options
        running = try RunningProgram(
            words[0],
            Array(words.dropFirst()),
            environment: Program.cleanEnvironment.merging(["XDG_STATE_HOME": folder("state")]) { $1 }
                .merging(environment) { $1 }
        )
        let running = running
        let isUp = try await eventually { !running.isRunning || SocketClient.isAnswered(at: path) }
        try #require(isUp && running.isRunning, "\(running.messagesSoFar)")
    }

    /// Starts another daemon in its place, after it was killed.
    func successor(device: String, options: [String] = []) async throws -> RunningProgram {
        let words = ["--device", device, "--socket", socketPath] + options
        let next = try Program.undertoned.start(words, environment: environment)
        let path = socketPath
        try #require(try await eventually { SocketClient.isAnswered(at: path) }, "\(next.messagesSoFar)")
        return next
    }

    func client() throws -> SocketClient { try SocketClient(path: socketPath) }

    /// Asks it to end and returns the outcome.
    func terminate(_ signal: Int32 = SIGTERM) async -> Outcome {
        running.send(signal)
        return await running.outcome()
    }
}
