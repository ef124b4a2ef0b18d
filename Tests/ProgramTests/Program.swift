// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The programs under test, as they were built next to this test bundle.
enum Program: String {
    case undertone
    case undertoned
    case trainer = "undertone-train"

    var url: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: rawValue)
    }

    /// The environment of a user who has set none of our variables.
    static let cleanEnvironment = ProcessInfo.processInfo.environment.filter {
        !$0.key.hasPrefix("UNDERTONE_")
            && !["NOTIFY_SOCKET", "JOURNAL_STREAM", "XDG_CONFIG_HOME", "STATE_DIRECTORY"].contains($0.key)
    }

    /// Runs the program to its end.
    ///
    /// - Parameter input: bytes for its standard input.
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
            url.path,
            arguments,
            environment: Self.cleanEnvironment.merging(environment) { $1 },
            input: input
        )
    }
}

/// Exit status and output of a program.
struct Outcome: CustomTestStringConvertible {
    let status: Int32
    let output: String
    let messages: String

    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
    var testDescription: String {
        "status \(status), stdout \(output.prefix(500)), stderr \(messages.prefix(500))"
    }

    /// The only output that a failed program may write: one line, one sentence, no crash report.
    var sentence: String { messages.trimmingCharacters(in: .newlines) }

    /// The output as JSON objects, one a line.
    func objects() throws -> [[String: Any]] { try outputLines.map(object) }
}

/// One JSON object.
func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
}

/// Waits until `condition` holds, at most `seconds`. For other processes and devices; never a measure of speed.
func eventually(within seconds: Double = 20, _ condition: () throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try condition()
}
