// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import ServiceRuntime
import Testing

@Suite struct LoggingTests {
    func line(_ level: Logger.Level, _ message: String, _ environment: [String: String]) -> String {
        var handler = StderrLogHandler(level: .trace, environment: environment)
        handler[metadataKey: "device"] = "pulse:mic"
        return handler.line(
            LogEvent(
                level: level,
                message: "\(message)",
                error: nil,
                metadata: ["age": "3"],
                source: "",
                file: "",
                function: "",
                line: 1
            )
        )
    }

    @Test(arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func theJournalReadsThePriority(level: Logger.Level, priority: Int) {
        let text = line(level, "lost", ["JOURNAL_STREAM": "8:1"])
        #expect(text == "<\(priority)>lost age=3 device=pulse:mic\n")
    }

    @Test func elsewhereTheLineBeginsWithTheTime() throws {
        let text = line(.warning, "two\nlines", [:])
        #expect(
            try #/^\d\d:\d\d:\d\d warning two lines age=3 device=pulse:mic\n$/#.wholeMatch(in: text) != nil
        )
    }
}

@Suite struct ProcessTests {
    @Test func theProcessKnowsWhatItUsed() {
        let before = ProcessStatistics.now()
        var sum = 0.0
        while ProcessStatistics.now().cpuSeconds < before.cpuSeconds + 0.01 { sum += sin(sum + 1) }
        let after = ProcessStatistics.now()
        #expect(after.cpuSeconds > before.cpuSeconds)
        #expect(after.residentBytes > 1 << 20 && after.residentBytes < 1 << 40)
        #expect(after.threadCount >= 1 && after.threadCount < 10_000)
    }

    @Test func colourNeedsATerminalAndAWillingUser() {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let terminal = Terminal(descriptor: descriptor, environment: ["TERM": "xterm"])
        #expect(!terminal.isInteractive && !terminal.hasColor && terminal.width == 80)
    }
}
