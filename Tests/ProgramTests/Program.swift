// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The programs under test, as they were built beside this test bundle.
enum Program: String {
    case undertone
    case undertoned
    case undertoneTrain = "undertone-train"

    var url: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: rawValue)
    }

    /// The environment of a user who has set nothing of ours.
    static let cleanEnvironment = ProcessInfo.processInfo.environment.filter {
        !$0.key.hasPrefix("UNDERTONE_")
            && !["NOTIFY_SOCKET", "JOURNAL_STREAM", "XDG_CONFIG_HOME"].contains($0.key)
    }

    /// Runs the program to its end.
    ///
    /// - Parameter input: what stands on its standard input.
    func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: Data? = nil
    ) async throws -> Outcome {
        let running = try start(arguments, environment: environment, input: input)
        return await running.outcome()
    }

    /// Starts the program and leaves it running.
    func start(
        _ arguments: [String],
        environment: [String: String] = [:],
        input: Data? = nil
    ) throws -> RunningProgram {
        try RunningProgram(
            self,
            arguments,
            environment: Self.cleanEnvironment.merging(environment) { $1 },
            input: input
        )
    }
}

/// How a program ended.
struct Outcome: CustomTestStringConvertible {
    let status: Int32
    let output: String
    let messages: String

    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
    var testDescription: String {
        "status \(status), stdout \(output.prefix(500)), stderr \(messages.prefix(500))"
    }

    /// Everything that a program that failed may say: one line, one sentence, no trap.
    var sentence: String { messages.trimmingCharacters(in: .newlines) }

    /// The output as JSON objects, one a line.
    func objects() throws -> [[String: Any]] { try outputLines.map(object) }
}

/// One JSON object.
func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
}

/// A program that runs. It is killed when nobody holds it any more, so that no failed test leaves one behind.
final class RunningProgram: @unchecked Sendable {
    private let process = Process()
    private let output: CollectedPipe
    private let messages: CollectedPipe

    init(_ program: Program, _ arguments: [String], environment: [String: String], input: Data?) throws {
        process.executableURL = program.url
        process.arguments = arguments
        process.environment = environment
        output = CollectedPipe()
        messages = CollectedPipe()
        process.standardOutput = output.pipe
        process.standardError = messages.pipe
        let inputPipe = Pipe()
        process.standardInput = input == nil ? FileHandle.nullDevice : inputPipe
        try process.run()
        if let input {
            DispatchQueue.global().async {
                try? inputPipe.fileHandleForWriting.write(contentsOf: input)
                try? inputPipe.fileHandleForWriting.close()
            }
        }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var messagesSoFar: String { messages.text }
    var outputSoFar: String { output.text }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end.
    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                process.waitUntilExit()
                continuation.resume(
                    returning: Outcome(
                        status: process.terminationReason == .exit
                            ? process.terminationStatus : 128 + process.terminationStatus,
                        output: output.finished(),
                        messages: messages.finished()
                    )
                )
            }
        }
    }
}

/// A pipe that is emptied all the time, so that the writer never waits.
final class CollectedPipe: @unchecked Sendable {
    let pipe = Pipe()
    private let lock = NSLock()
    private var data = Data()
    private let end = DispatchSemaphore(value: 0)

    init() {
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let bytes = handle.availableData
            if bytes.isEmpty {
                handle.readabilityHandler = nil
                self?.end.signal()
            } else {
                self?.lock.withLock { self?.data.append(bytes) }
            }
        }
    }

    var text: String { lock.withLock { String(decoding: data, as: UTF8.self) } }

    /// All that was written, once the writer is gone.
    func finished() -> String {
        _ = end.wait(timeout: .now() + 5)
        return text
    }
}

/// Waits until `condition` holds, at most `seconds`. For the world outside; never a measure of speed.
func eventually(within seconds: Double = 20, _ condition: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try condition()
}
