// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EmotionEvents
import EventSocket
import Foundation
import ServiceRuntime
import Spelling

/// Blocks until a condition holds.
struct Wait: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        abstract: "Wait until a condition holds, for scripts.",
        discussion: """
            undertone wait --label angry --min-conf 0.7 --for 2s && notify-send "Take a break"
            Prints the line that met the condition and exits with 0; after --timeout it exits with 124. Conditions on \
            sound are timed by the audio clock; lost audio or a microphone that is not open restarts the count. All \
            conditions must hold at once.
            """
    )

    static let environment: [EnvironmentOption] = [
        .value("--label", "UNDERTONE_LABEL"), .value("--min-conf", "UNDERTONE_MIN_CONF"),
        .flag("--speech", "UNDERTONE_SPEECH"), .flag("--silence", "UNDERTONE_SILENCE"),
        .value("--state", "UNDERTONE_STATE"), .value("--for", "UNDERTONE_FOR"),
        .value("--timeout", "UNDERTONE_TIMEOUT"), .flag("--json", "UNDERTONE_JSON"),
        .value("--socket", "UNDERTONE_SOCKET"),
    ]

    @Option(
        help: "The estimate names this label, or one of several with commas between them. [UNDERTONE_LABEL]"
    )
    var label: String?
    @Option(help: "The estimate has at least this confidence, 0 to 1. [UNDERTONE_MIN_CONF]")
    var minConf: Double = 0
    @Flag(help: "There is speech. [UNDERTONE_SPEECH]")
    var speech = false
    @Flag(help: "There is no speech. [UNDERTONE_SILENCE]")
    var silence = false
    @Option(help: "Capture is in this state: open, muted, lost ... [UNDERTONE_STATE]")
    var state: String?
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Time for which all of this must hold without a break: 500ms, 2s, 1m. [UNDERTONE_FOR]",
            valueName: "time"
        )
    )
    var hold = "0s"
    @Option(
        help: ArgumentHelp("Time after which the command gives up. [UNDERTONE_TIMEOUT]", valueName: "time")
    )
    var timeout: String?
    @Flag(help: "Print the daemon's JSON line; the default if stdout is not a terminal. [UNDERTONE_JSON]")
    var json = false
    @OptionGroup var socketOption: SocketOption

    func validate() throws {
        let wish = try condition()
        guard wish.isAboutSound || wish.capture != nil else {
            throw ValidationError(
                "Say what to wait for: --label, --min-conf, --speech, --silence or --state."
            )
        }
        guard (0...1).contains(minConf) else { throw ValidationError("--min-conf must be from 0 to 1.") }
        if speech && silence { throw ValidationError("--speech and --silence exclude each other.") }
        let states = CaptureCondition.allCases.map { "\($0.word)" }
        if let state, let problem = Self.problem(state, "state", among: states) {
            throw ValidationError(problem)
        }
        _ = try timeout.map { try span($0, "--timeout") }
    }

    private func condition() throws -> WaitCondition {
        var wish = WaitCondition()
        wish.labels = label?.split(separator: ",").map(String.init) ?? []
        wish.minimumConfidence = minConf
        wish.isSpeech = speech ? true : silence ? false : nil
        wish.capture = state
        wish.duration = try span(hold, "--for")
        return wish
    }

    private func span(_ text: String, _ option: String) throws -> Duration {
        do { return try TimeSpan.parse(text) } catch { throw ValidationError("\(option): \(error).") }
    }

    /// The problem with a word that must be one of several; nil if there is none.
    private static func problem(_ word: String, _ kind: String, among known: [String]) -> String? {
        if known.contains(word) { return nil }
        let guess =
            nearestWord(to: word, among: known).map { "did you mean \($0)? There are " } ?? "there are "
        return "no \(kind) is called '\(word)'; " + guess + known.joined(separator: ", ")
    }

    func run() async throws {
        let wish = try condition()
        let environment = ProcessInfo.processInfo.environment
        let deadline = try timeout.map { try span($0, "--timeout") }.map { ContinuousClock.now + $0 }
        let client = try EventClient(
            paths: SocketAddresses.events(explicit: socketOption.socket, environment: environment)
        )
        try Self.check(wish.labels, among: client.hello.labels)
        try client.subscribe(subscription)
        let match = try await match(wish, client, deadline)
        let isTerminal = Terminal(descriptor: STDOUT_FILENO, environment: environment).isInteractive
        if json || !isTerminal { return try StandardOutput.write(json: match.text + "\n") }
        try StandardOutput.show(words(match) + "\n")
    }

    private static func check(_ labels: [String], among known: [String]) throws {
        for label in labels {
            if let problem = problem(label, "label", among: known) { throw ProgramFailure(.usage, problem) }
        }
    }

    private var subscription: SubscriptionOptions {
        var options = SubscriptionOptions()
        options.kinds = [.estimate, .vad, .state, .overrun]
        options.wantsSnapshot = true
        options.name = "undertone wait"
        return options
    }

    /// The message with which the condition was met.
    private func match(
        _ wish: WaitCondition,
        _ client: EventClient,
        _ deadline: ContinuousClock.Instant?
    ) async throws -> ServerMessage {
        let start = ContinuousClock.now
        var watch = ConditionWatch(wish)
        var evidence: ServerMessage?
        while true {
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            let due = watch.remainingSeconds(at: elapsed).map { start + .seconds(elapsed + $0) }
            if let due, let evidence, due <= .now { return evidence }
            if let deadline, deadline <= .now { throw expired }
            guard let message = try next(client, until: [due, deadline].compactMap(\.self).min()) else {
                continue
            }
            let now = (ContinuousClock.now - start) / .seconds(1)
            if message.type == "hello" {
                let known = message["model"]?["labels"]?.array?.compactMap(\.string) ?? []
                try Self.check(wish.labels, among: known)
            }
            let wasHolding = watch.isHolding
            if watch.step(message.fields, at: now) { return message }
            if watch.isHolding, !wasHolding { evidence = message }
        }
    }

    /// The next message; nil if none comes in time.
    private func next(_ client: EventClient, until end: ContinuousClock.Instant?) throws -> ServerMessage? {
        do {
            guard let message = try client.next(timeout: end.map { max(.zero, $0 - .now) }) else {
                throw ProgramFailure(.daemonUnreachable, "the daemon closed the connection")
            }
            if message.type == "bye" {
                let why = message["why"]?.string ?? "no reason given"
                throw ProgramFailure(.daemonUnreachable, "the daemon closed the connection: \(why)")
            }
            return message
        } catch ClientError.timedOut {
            return nil
        }
    }

    private var expired: ProgramFailure {
        ProgramFailure(.timedOut, "what was waited for did not happen within \(timeout ?? "")")
    }

    private func words(_ message: ServerMessage) -> String {
        switch message.type {
        case "estimate": EstimatePhrase(message)?.line() ?? message.text
        case "vad": Plain.time(message["t"]?.number ?? 0) + (speech ? "  speech" : "  silence")
        default:
            "capture: " + ((message["capture"] ?? message["state"]?["capture"])?.string ?? "unknown")
        }
    }
}
