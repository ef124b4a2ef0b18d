// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `undertone meter` on a real terminal, with a real daemon.
@Suite(.serialized) struct MeterTests {
    private func meter(
        _ daemon: Daemon,
        columns: Int = 80,
        rows: Int = 24,
        environment: [String: String] = [:]
    ) throws -> PseudoTerminal {
        try PseudoTerminal(
            .undertone,
            ["meter", "--socket", daemon.socketPath],
            columns: columns,
            rows: rows,
            environment: environment
        )
    }

    /// Waits until a row begins with `start` and has `part` in it.
    private func shows(_ terminal: PseudoTerminal, _ start: String, _ part: String = "") async throws -> Bool
    {
        try await eventually {
            terminal.screen.text.contains { $0.hasPrefix(start) && (part.isEmpty || $0.contains(part)) }
        }
    }

    /// True if the terminal is in its original state.
    private func isRestored(_ terminal: PseudoTerminal) -> Bool {
        let screen = terminal.screen
        return !screen.isSecondScreen && screen.isCursorShown && terminal.isCooked
    }

    @Test(arguments: [(80, 24), (20, 5), (132, 50), (9, 1)])
    func itFitsIntoAnyWindow(columns: Int, rows: Int) async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon, columns: columns, rows: rows)
        #expect(try await shows(terminal, "open"), "\(terminal.output.debugDescription)")
        if rows >= 5 { #expect(try await shows(terminal, "level", "█"), "\(terminal.screen.text)") }
        #expect(terminal.screen.isSecondScreen && !terminal.screen.isCursorShown && !terminal.isCooked)
        terminal.type("q")
        #expect(try await terminal.status() == 0)
        #expect(isRestored(terminal))
        #expect(terminal.screen.overflow == 0 && terminal.screen.unknown.isEmpty)
    }

    @Test func aVoiceIsShownWithItsEmotion() async throws {
        let folder = TemporaryFolder()
        let file = try folder.write(Sounds.wav(Sounds.conversation()), to: "talk.wav")
        let daemon = try await Daemon(device: "file:" + file)
        let terminal = try meter(daemon)
        #expect(try await shows(terminal, "angry", "█"), "\(terminal.screen.text)")
        #expect(try await shows(terminal, "last", " s)"), "\(terminal.screen.text)")
        #expect(try await shows(terminal, "idle"), "\(terminal.screen.text)")
        terminal.type("q")
        #expect(try await terminal.status() == 0)
    }

    @Test func aWindowThatIsResizedIsRedrawn() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon)
        #expect(try await shows(terminal, "level", "█"))
        for (columns, rows) in [(20, 5), (100, 30), (40, 8)] {
            try terminal.resize(columns: columns, rows: rows)
            #expect(try await shows(terminal, "open"), "\(columns)×\(rows)")
            #expect(try await shows(terminal, "lag"), "\(columns)×\(rows)")
        }
        terminal.type("q")
        #expect(try await terminal.status() == 0)
        #expect(terminal.screen.unknown.isEmpty)
    }

    @Test(arguments: ["\u{3}", "SIGTERM"])
    func theTerminalIsRestoredAtEveryKindOfEnd(how: String) async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon)
        #expect(try await shows(terminal, "open"))
        if how == "SIGTERM" { kill(terminal.identifier, SIGTERM) } else { terminal.type(how) }
        #expect(try await terminal.status() == 130)
        #expect(isRestored(terminal))
    }

    @Test func aDaemonThatDiesIsWaitedFor() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon)
        #expect(try await shows(terminal, "open"))
        _ = await daemon.terminate(SIGKILL)
        #expect(try await shows(terminal, "no daemon"), "\(terminal.screen.text)")
        let next = try Program.undertoned.start(["--device", "tone:440", "--socket", daemon.socketPath])
        #expect(try await shows(terminal, "open"), "\(terminal.screen.text)")
        #expect(try await shows(terminal, "level", "█"), "\(terminal.screen.text)")
        terminal.type("q")
        #expect(try await terminal.status() == 0)
        next.send(SIGTERM)
        _ = await next.outcome()
    }

    @Test func aDaemonThatHangsIsNoticed() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon)
        #expect(try await shows(terminal, "level", "█"))
        daemon.running.send(SIGSTOP)
        #expect(try await shows(terminal, "no news"), "\(terminal.screen.text)")
        daemon.running.send(SIGCONT)
        #expect(try await shows(terminal, "level", "█"), "\(terminal.screen.text)")
        terminal.type("q")
        #expect(try await terminal.status() == 0)
    }

    @Test func levelsGoOnWithOtherThresholds() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let client = try daemon.client()
        try client.subscribe(to: ["level"])
        let level = try client.next("level")
        #expect(abs(try #require(level["peak_db"] as? Double) + 12) < 1, "\(level)")
        let change = try await Program.undertone.run([
            "set", "estimates.interval_ms", "500", "--socket", daemon.socketPath,
        ])
        #expect(change.status == 0, "\(change.testDescription)")
        _ = try client.next("hello")
        _ = try client.next("level")
        #expect(await daemon.terminate().status == 0)
    }

    @Test func aStoppedJobGivesTheTerminalBackAndTakesItAgain() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon)
        #expect(try await shows(terminal, "open"))
        terminal.type("\u{1A}")
        #expect(try await eventually { self.isRestored(terminal) }, "\(terminal.screen.text)")
        kill(terminal.identifier, SIGCONT)
        #expect(try await eventually { terminal.screen.isSecondScreen && !terminal.isCooked })
        #expect(try await shows(terminal, "level", "█"))
        terminal.type("q")
        #expect(try await terminal.status() == 0)
    }

    @Test func noColorTurnsColoursOff() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon, environment: ["NO_COLOR": "1"])
        #expect(try await shows(terminal, "level", "█"))
        terminal.type("q")
        #expect(try await terminal.status() == 0)
        #expect(!terminal.screen.usedStyles)
    }

    @Test func aTerminalWithoutACursorGetsLines() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let terminal = try meter(daemon, environment: ["TERM": "dumb"])
        #expect(try await eventually { terminal.output.contains("  open  level ") })
        #expect(!terminal.output.contains("\u{1B}") && terminal.isCooked)
        terminal.type("\u{3}")
        #expect(try await terminal.status() != nil)
    }

    @Test func aPipeGetsLines() async throws {
        let daemon = try await Daemon(device: "tone:440")
        let running = try Program.undertone.start(["meter", "--socket", daemon.socketPath])
        #expect(try await eventually { running.outputSoFar.contains("  open  level ") })
        #expect(!running.outputSoFar.contains("\u{1B}"))
        running.send(SIGKILL)
        _ = await running.outcome()
    }

    @Test func withoutADaemonItReportsThatAndDoesNotChangeTheTerminal() async throws {
        let folder = TemporaryFolder()
        let terminal = try PseudoTerminal(.undertone, ["meter", "--socket", folder("undertone.sock")])
        #expect(try await terminal.status() == 3)
        #expect(try await eventually { terminal.output.contains("no daemon answers") })
        #expect(!terminal.output.contains("\u{1B}"))
    }
}
