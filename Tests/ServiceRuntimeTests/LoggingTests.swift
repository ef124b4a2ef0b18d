// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import ServiceRuntime
import Testing

@Suite struct LoggingTests {
    func line(_ level: Logger.Level, _ message: String, _ environment: [String: String]) -> String {
        var handler = StderrLogHandler(threshold: LogThreshold(.trace), environment: environment)
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

/// A log that is not read.
@Suite struct LogOutputTests {
    /// All bytes that wait in a pipe.
    func waiting(in pipe: Pipe) -> [UInt8] {
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    @Test func aFullPipeDelaysNoCallerAndTheLossIsReported() throws {
        let pipe = Pipe()
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let line = String(repeating: "a", count: 999) + "\n"
        // A pipe takes 64 KiB: if writing waited, this loop would never end.
        for _ in 0..<1_000 { output.write(line) { "\($0) lost\n" } }
        let first = waiting(in: pipe)
        #expect(first.count % 1_000 == 0 && first.count < 1_000_000)
        for _ in 0..<2 { output.write("again\n") { "\($0) lost\n" } }
        let second = String(decoding: waiting(in: pipe), as: UTF8.self)
        #expect(second == "\(1_000 - first.count / 1_000) lost\nagain\nagain\n")
    }

    @Test func aLineLongerThanAPipeTakesAtOnceIsCut() throws {
        let pipe = Pipe()
        let output = LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        output.write(String(repeating: "a", count: 100_000) + "\n") { "\($0)" }
        let text = String(decoding: waiting(in: pipe), as: UTF8.self)
        #expect(text == String(repeating: "a", count: 4_095) + "\n")
    }
}

@Suite struct ProcessTests {
    @Test func theProcessReportsItsOwnResources() {
        let before = ProcessStatistics.now()
        var sum = 0.0
        while ProcessStatistics.now().cpuSeconds < before.cpuSeconds + 0.01 { sum += sin(sum + 1) }
        let after = ProcessStatistics.now()
        #expect(after.cpuSeconds > before.cpuSeconds)
        #expect(after.residentBytes > 1 << 20 && after.residentBytes < 1 << 40)
        #expect(after.threadCount >= 1 && after.threadCount < 10_000)
    }

    @Test func colourNeedsATerminalAndIsOffWithNO_COLOR() {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let terminal = Terminal(descriptor: descriptor, environment: ["TERM": "xterm"])
        #expect(!terminal.isInteractive && !terminal.hasColor && terminal.width == 80)
    }
}
