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
            When the daemon goes away, watch reports that on stderr and connects again when it is back; its hello is then \
            one of the JSON lines, since the audio clock begins again at 0. --no-reconnect ends with 3 instead.
              undertone watch --on change --exec ./lamp.py --room kitchen
            runs ./lamp.py with the event as JSON on its standard input, and prints nothing itself. Without --on a hook \
            runs for the final estimate of each utterance. It is never waited for: while it is busy the newest event \
            waits and older ones are skipped, which stderr reports every few seconds.
              undertone watch --summary 1h
            prints, for each hour, utterances and minutes by label, minutes of speech and losses; text unless --json.
            """
    )

    static let environment: [EnvironmentOption] =
        [
            .value("--on", "UNDERTONE_ON"), .value("--delta", "UNDERTONE_DELTA"),
            .value("--max-hz", "UNDERTONE_MAX_HZ"),
            .value("--min-conf", "UNDERTONE_MIN_CONF"), .flag("--json", "UNDERTONE_JSON"),
            .flag("--no-reconnect", "UNDERTONE_NO_RECONNECT"), .value("--summary", "UNDERTONE_SUMMARY"),
            .value("--socket", "UNDERTONE_SOCKET"),
        ] + HookOptions.environment

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
    @Flag(help: "End with 3 when the daemon goes away. [UNDERTONE_NO_RECONNECT]")
    var noReconnect = false
    @Option(
        help: ArgumentHelp(
            "Print counts and minutes once in this time: 10m, 1h. [UNDERTONE_SUMMARY]",
            valueName: "time"
        )
    )
    var summary: String?
    @OptionGroup var hook: HookOptions
    @OptionGroup var socketOption: SocketOption

    func validate() throws {
        guard (0...1).contains(minConf) else { throw ValidationError("--min-conf must be from 0 to 1.") }
        if let delta, !(on == .change && (0.01...2).contains(delta)) {
            throw ValidationError("--delta needs --on change and must be from 0.01 to 2.")
        }
        if let maxHz, !(maxHz > 0 && maxHz <= 1_000) {
            throw ValidationError("--max-hz must be above 0 and at most 1000.")
        }
        guard let period = try self.period else { return }
        guard period >= .seconds(1) else { throw ValidationError("--summary must be at least 1s.") }
        if hook.isOn || on != nil { throw ValidationError("--summary goes with neither --exec nor --on.") }
    }

    private var period: Duration? {
        get throws {
            do { return try summary.map(TimeSpan.parse) } catch {
                throw ValidationError("--summary: \(error).")
            }
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: environment)
        let isJSON = json || !terminal.isInteractive
        if hook.isOn { try HookProcess.check(hook.command) }
        let follower = try DaemonFollower(
            paths: SocketAddresses.events(explicit: socketOption.socket, environment: environment),
            options: subscription(isJSON: isJSON),
            reconnects: !noReconnect
        )
        if hook.isOn || summary != nil { return try runSession(WatchSession(follower)) }
        if isJSON { try follow(follower) } else { try follow(follower, LiveLine(terminal)) }
    }

    private func runSession(_ session: WatchSession) throws {
        var session = session
        guard let period = try self.period else { return try session.run(HookRunner(hook)) }
        try session.run(period) { summary, start, end in
            if json { return try StandardOutput.write(json: summary.json(from: start, to: end) + "\n") }
            let clock = Self.clock(start) + "–" + Self.clock(end)
            try StandardOutput.show(clock + "  " + summary.line + "\n")
        }
    }

    /// The time of day here, `22:00`.
    private static func clock(_ nanoseconds: Int64) -> String {
        var (time, parts) = (time_t(nanoseconds / 1_000_000_000), tm())
        localtime_r(&time, &parts)
        return Plain.pad("\(parts.tm_hour)", 2, "0") + ":" + Plain.pad("\(parts.tm_min)", 2, "0")
    }

    private func subscription(isJSON: Bool) -> SubscriptionOptions {
        var options = SubscriptionOptions()
        if !isJSON { options.kinds = [.estimate, .vocal, .state, .overrun] }
        if on != nil || hook.isOn { options.kinds = [.estimate] }
        options.mode = on ?? (hook.isOn ? .final : .hop)
        options.delta = delta
        options.maximumHz = maxHz
        options.minimumConfidence = minConf
        options.name = "undertone watch"
        if summary != nil {
            options.kinds = [.estimate, .state, .overrun]
            options.mode = .final
            options.wantsSnapshot = true
        }
        return options
    }

    /// Prints the lines as they come; the `hello` of a daemon that came back is one of them.
    private func follow(_ follower: DaemonFollower) throws -> Never {
        var follower = follower
        while true {
            let event = try follower.next()
            if let sentence = event.sentence { StandardError.write("undertone: \(sentence)\n") }
            switch event {
            case .message(let message), .found(let message):
                try StandardOutput.write(json: message.text + "\n")
            case .lost, .nothing: break
            }
        }
    }

    private func follow(_ follower: DaemonFollower, _ line: LiveLine) throws -> Never {
        var (follower, line) = (follower, line)
        while true {
            let event: FollowedEvent
            do { event = try follower.next() } catch {
                try line.clear()
                throw error
            }
            if let sentence = event.sentence { try line.note(sentence) }
            if case .message(let message) = event { try show(message, &line) }
        }
    }

    private func show(_ message: ServerMessage, _ line: inout LiveLine) throws {
        switch message.type {
        case "estimate":
            guard let phrase = EstimatePhrase(message) else { return }
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
        default: break
        }
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
