// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser
public import EventSocket
import Foundation
import ServiceRuntime

/// Follows a daemon.
struct Watch: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        abstract: "Follow what a running daemon hears.",
        discussion: """
            Prints a line for each utterance on a terminal, and the daemon's JSON lines elsewhere. With --on, \
            estimates only: at every hop, when the stable label changes, or one for each utterance.
            """
    )

    static let environment: [EnvironmentOption] = [
        .value("--on", "UNDERTONE_ON"), .value("--delta", "UNDERTONE_DELTA"),
        .value("--max-hz", "UNDERTONE_MAX_HZ"),
        .value("--min-conf", "UNDERTONE_MIN_CONF"), .flag("--json", "UNDERTONE_JSON"),
        .value("--socket", "UNDERTONE_SOCKET"),
    ]

    @Option(help: "Which estimates: hop, change or final. [UNDERTONE_ON]")
    var on: EstimateMode?
    @Option(
        help: "With --on change: also when arousal or such moves by so much, 0.01 to 2. [UNDERTONE_DELTA]"
    )
    var delta: Double?
    @Option(help: "At most so many estimates a second of audio. [UNDERTONE_MAX_HZ]")
    var maxHz: Double?
    @Option(help: "Only estimates at least this sure, 0 to 1. [UNDERTONE_MIN_CONF]")
    var minConf: Double = 0
    @Flag(help: "JSON lines, the default where stdout is no terminal. [UNDERTONE_JSON]")
    var json = false
    @OptionGroup var socketOption: SocketOption

    func validate() throws {
        guard (0...1).contains(minConf) else { throw ValidationError("--min-conf must be from 0 to 1.") }
        if let delta, !(on == .change && (0.01...2).contains(delta)) {
            throw ValidationError("--delta needs --on change and must be from 0.01 to 2.")
        }
        if let maxHz, !(maxHz > 0 && maxHz <= 1_000) {
            throw ValidationError("--max-hz must be above 0 and at most 1000.")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let client = try EventClient(
            paths: SocketAddresses.events(explicit: socketOption.socket, environment: environment)
        )
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: environment)
        let isJSON = json || !terminal.isInteractive
        try client.subscribe(subscription(isJSON: isJSON))
        let farewell = isJSON ? try follow(client) : try follow(client, LiveLine(terminal))
        throw ProgramFailure(.daemonUnreachable, "the daemon closed the connection: \(farewell)")
    }

    private func subscription(isJSON: Bool) -> SubscriptionOptions {
        var options = SubscriptionOptions()
        if !isJSON { options.kinds = [.estimate, .vocal, .state, .overrun] }
        if on != nil { options.kinds = [.estimate] }
        options.mode = on ?? .hop
        options.delta = delta
        options.maximumHz = maxHz
        options.minimumConfidence = minConf
        options.name = "undertone watch"
        return options
    }

    /// Prints the lines as they come, and returns why they ended.
    private func follow(_ client: EventClient) throws -> String {
        var farewell = "it broke"
        while let message = try client.next() {
            if message.type == "bye" { farewell = message["why"]?.string ?? farewell }
            try StandardOutput.write(json: message.text + "\n")
        }
        return farewell
    }

    private func follow(_ client: EventClient, _ line: LiveLine) throws -> String {
        var line = line
        var farewell = "it broke"
        while let message = try client.next() {
            switch message.type {
            case "estimate":
                guard let phrase = EstimatePhrase(message) else { continue }
                if phrase.isFinal || on != nil {
                    try line.print(phrase.line(emphasised: line.hasColor))
                } else {
                    try line.show(phrase.liveLine)
                }
            case "vocal":
                if let phrase = VocalPhrase(message) { try line.print(phrase.line) }
            case "state": try line.note("capture: \(message["capture"]?.string ?? "unknown")")
            case "overrun": try line.note("lost " + Plain.count(message["samples"]?.integer ?? 0, "sample"))
            case "gap": try line.note("missed " + Plain.count(message["dropped"]?.integer ?? 0, "message"))
            case "bye": farewell = message["why"]?.string ?? farewell
            default: break
            }
        }
        try line.clear()
        return farewell
    }
}

extension EstimateMode: ExpressibleByArgument {}

/// The option for a daemon at an unusual place.
struct SocketOption: ParsableArguments {
    @Option(
        help: "The daemon's socket; the user's own instance, then the system's by default. [UNDERTONE_SOCKET]"
    )
    var socket: String?

    func validate() throws {
        if socket == "" { throw ValidationError("--socket is '', but must be a path.") }
    }
}
