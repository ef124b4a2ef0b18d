// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EmotionEvents
import EventSocket
import Foundation
import ServiceRuntime

/// A command to the daemon on its control socket.
protocol ControlRequest: AsyncParsableCommand, HasEnvironment {
    var socketOption: SocketOption { get }
}

extension ControlRequest {
    static var environment: [EnvironmentOption] { [.value("--socket", "UNDERTONE_SOCKET")] }

    /// A connection to the control socket that belongs to the events socket.
    func connect() throws -> EventClient {
        let environment = ProcessInfo.processInfo.environment
        return try EventClient(
            paths: SocketAddresses.control(explicit: socketOption.socket, environment: environment)
        )
    }

    /// Sends a command, and shows the note of the answer.
    func tell(_ command: ControlCommand) throws {
        let answer = try connect().command(command)
        if let note = answer["note"]?.string { StandardError.write("undertone: \(note)\n") }
    }
}

/// Changes the microphone of a running daemon.
struct Use: ControlRequest {
    static let configuration = CommandConfiguration(
        abstract: "Change the daemon's microphone, until it restarts or reloads."
    )
    @Argument(help: "The microphone, as \"undertone devices\" names it.")
    var device: String
    @OptionGroup var socketOption: SocketOption

    func validate() throws {
        guard device != "stdin" else {
            throw ValidationError(
                "The daemon's standard input is not yours; name a microphone, or file:PATH."
            )
        }
    }

    func run() async throws { try tell(.useDevice(try nameForDaemon(device))) }
}

/// Ends the open utterance and clears the daemon's state.
struct Reset: ControlRequest {
    static let configuration = CommandConfiguration(
        abstract: "End the open utterance and discard all audio and state so far."
    )
    @OptionGroup var socketOption: SocketOption

    func run() async throws { try tell(.reset) }
}

/// Makes the daemon read its configuration and its model again.
struct Reload: ControlRequest {
    static let configuration = CommandConfiguration(
        abstract: "Make the daemon read its configuration and its model again; clients stay connected."
    )
    @OptionGroup var socketOption: SocketOption

    func run() async throws { try tell(.reload) }
}

/// Changes settings of a running daemon.
struct Change: ControlRequest {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a setting of the running daemon, until it restarts or reloads.",
        usage: "undertone set <key> <value> [--socket <socket>]"
    )
    @Argument(help: "The key, as the configuration file has it: estimates.interval_ms for example.")
    var key: String
    // A list, because only lists may hold what looks like an option: -5.
    @Argument(parsing: .allUnrecognized, help: "Its value.")
    var value: [String]
    @OptionGroup var socketOption: SocketOption

    func validate() throws {
        if key.isEmpty { throw ValidationError("The key is '', but must be one of the configuration file.") }
        guard value.count == 1 else {
            throw ValidationError("One key takes one value, not '\(value.joined(separator: " "))'.")
        }
    }

    func run() async throws {
        do { try tell(.set([key: value[0]])) } catch ClientError.refused(let code, let message, let hint) {
            // The daemon checks a value as an option of its command line; the user of this command typed a key.
            let option = "--" + key.replacing(#/[._]/#, with: "-")
            throw ClientError.refused(code: code, message: message.replacing(option, with: key), hint: hint)
        }
    }
}

/// Lists the connected clients.
struct Clients: ControlRequest {
    static let configuration = CommandConfiguration(abstract: "List the connected clients.")

    static let environment: [EnvironmentOption] = [
        .flag("--json", "UNDERTONE_JSON"), .value("--socket", "UNDERTONE_SOCKET"),
    ]

    @Flag(help: "One JSON object a line. [UNDERTONE_JSON]")
    var json = false
    @OptionGroup var socketOption: SocketOption

    func run() async throws {
        let (list, more) = try connect().clients()
        defer { if more > 0 { StandardError.write("and \(more) more\n") } }
        if json {
            return try list.forEach { report in
                let line = JSONWriter.line { writer in
                    writer.field("type", "client")
                    report.write(to: &writer)
                }
                try StandardOutput.write(line)
            }
        }
        let header = ["pid", "uid", "socket", "subscriptions", "dropped", "for", "name"]
        for row in [header] + list.map(row) { try StandardOutput.show(line(row)) }
    }

    private func row(_ report: ClientReport) -> [String] {
        [
            "\(report.processID)", "\(report.userID)", report.isControl ? "control" : "events",
            "\(report.subscriptions)", "\(report.droppedMessages)",
            Plain.number(report.connectedSeconds, 0) + " s", report.name ?? "-",
        ]
    }

    private func line(_ cells: [String]) -> String {
        let widths = [8, 7, 9, 15, 9, 8]
        return zip(cells, widths + [0]).map { Plain.padRight($0, $1) }.joined() + "\n"
    }
}
