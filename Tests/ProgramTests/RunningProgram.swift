// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A running program. `deinit` kills it, so that no failed test leaves one running.
///
/// Started by `posix_spawn` and not by Foundation's `Process`: tests run in parallel, and a descriptor that one
/// child inherits from the test of another keeps a pipe open that should have ended.
final class RunningProgram: Sendable {
    let identifier: pid_t
    private let output: CollectedPipe
    private let messages: CollectedPipe
    private let exit = Exit()

    /// The result, once the program has ended: its status, or 128 plus the signal.
    private final class Exit: Sendable {
        let status = Mutex<Int32?>(nil)
        let group = DispatchGroup()
    }

    init(_ path: String, _ arguments: [String], environment: [String: String], input: Data? = nil) throws {
        output = try CollectedPipe()
        messages = try CollectedPipe()
        let inputPipe = try input.map { _ in try pipeEnds() }
        let empty = open("/dev/null", O_RDONLY | O_CLOEXEC)
        identifier = try spawn(
            path,
            arguments,
            environment,
            descriptors: [inputPipe?.read ?? empty, output.writeEnd, messages.writeEnd]
        )
        close(empty)
        output.collect()
        messages.collect()
        watch()
        guard let input, let inputPipe else { return }
        close(inputPipe.read)
        Thread.detachNewThread {
            writeAll(input, to: inputPipe.write)
            close(inputPipe.write)
        }
    }

    deinit { if isRunning { kill(identifier, SIGKILL) } }

    var isRunning: Bool { exit.status.withLock { $0 == nil } }
    var messagesSoFar: String { messages.text }
    var outputSoFar: String { output.text }

    func send(_ signal: Int32) { kill(identifier, signal) }

    /// Waits for the end.
    func outcome() async -> Outcome {
        let (exit, output, messages) = (exit, output, messages)
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                exit.group.wait()
                continuation.resume(
                    returning: Outcome(
                        status: exit.status.withLock { $0 } ?? -1,
                        output: output.finished(),
                        messages: messages.finished()
                    )
                )
            }
        }
    }

    private func watch() {
        let (exit, identifier) = (exit, identifier)
        exit.group.enter()
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            exit.status.withLock { $0 = signal == 0 ? status >> 8 & 0xFF : 128 + signal }
            exit.group.leave()
        }
    }
}

/// A pipe that is read continuously, so that the writer never waits.
private final class CollectedPipe: Sendable {
    let writeEnd: Int32
    private let readEnd: Int32
    private let data = Mutex(Data())
    private let end = DispatchGroup()

    init() throws {
        let ends = try pipeEnds()
        (readEnd, writeEnd) = (ends.read, ends.write)
    }

    /// Begins to read; from now on only the program has the write end.
    func collect() {
        close(writeEnd)
        end.enter()
        Thread.detachNewThread { [self] in
            var bytes = [UInt8](repeating: 0, count: 65_536)
            while case let count = read(readEnd, &bytes, bytes.count), count > 0 {
                data.withLock { $0.append(contentsOf: bytes.prefix(count)) }
            }
            close(readEnd)
            end.leave()
        }
    }

    var text: String { data.withLock { String(decoding: $0, as: UTF8.self) } }

    /// All output, once the writer has closed the pipe.
    func finished() -> String {
        end.wait()
        return text
    }
}

private struct SpawnError: Error {
    let call: String
    let code: Int32
}

/// Held while a pipe is made and while a program is started, so that no program inherits the pipe of another.
private let spawning = Mutex(())

private func pipeEnds() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    return try spawning.withLock { _ in
        guard pipe(&ends) == 0 else { throw SpawnError(call: "pipe", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}

private func writeAll(_ data: Data, to descriptor: Int32) {
    // A program that refuses its input closes the pipe while this thread still writes.
    signal(SIGPIPE, SIG_IGN)
    var rest = [UInt8](data)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

/// Starts `path` with the three standard descriptors and default signals.
private func spawn(
    _ path: String,
    _ arguments: [String],
    _ environment: [String: String],
    descriptors: [Int32]
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
    }
    // Foundation waits for its children with sockets that are not closed on exec: if this program inherited them, the
    // test that stops a sound server would wait for it too. Closing a descriptor that is not open does no harm.
    for descriptor in 3..<512 { posix_spawn_file_actions_addclose(&actions, Int32(descriptor)) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var identifier: pid_t = 0
    let code = spawning.withLock { _ in
        posix_spawn(&identifier, path, &actions, &attributes, &words, &variables)
    }
    guard code == 0 else { throw SpawnError(call: "posix_spawn \(path)", code: code) }
    return identifier
}
