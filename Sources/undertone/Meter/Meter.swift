// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EventSocket
import Foundation
import ServiceRuntime

/// Shows live what a daemon reports.
struct Meter: AsyncParsableCommand, HasEnvironment {
    static let configuration = CommandConfiguration(
        abstract: "Show level, speech and emotion live in the terminal.",
        discussion: """
            q or Ctrl-C ends it. If the daemon goes away, it waits for the next one. If stdout is not a terminal that can \
            move its cursor, it prints one line a second. NO_COLOR turns colours off.
            """
    )

    static let environment: [EnvironmentOption] = [.value("--socket", "UNDERTONE_SOCKET")]

    @OptionGroup var socketOption: SocketOption

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let terminal = Terminal(descriptor: STDOUT_FILENO, environment: environment)
        let feed = try MeterFeed(
            paths: SocketAddresses.events(explicit: socketOption.socket, environment: environment)
        )
        guard terminal.isInteractive else { try printLines(feed) }
        var session = MeterSession(feed, terminal, isUnicode: Terminal.showsUnicode(environment))
        try session.run()
    }

    private func printLines(_ feed: MeterFeed) throws -> Never {
        let layout = MeterLayout(isUnicode: false)
        while true {
            Thread.sleep(forTimeInterval: 1)
            try StandardOutput.write(layout.line(feed.reading, now: feed.now) + "\n")
        }
    }
}
