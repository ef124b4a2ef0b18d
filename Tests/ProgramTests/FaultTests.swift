// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

extension LiveTests {
    /// The most important rows of the table of faults, and a short chaos run, with the same programs that measure them at
    /// length, but longer time limits, since other tests run at the same time.
    @Suite(.enabled(if: Tools.areInstalled)) struct FaultTests {
        @Test(arguments: [3, 8, 9, 10, 12, 15])
        func theMicrophoneMayFail(row: Int) async throws { try await holds(row) }

        @Test(arguments: [27, 28, 31, 34])
        func clientsAndUnknownUsersMayMisbehave(row: Int) async throws { try await holds(row) }

        @Test func aWhileOfChaosBreaksNoPromise() async throws {
            let folder = TemporaryFolder()
            let outcome = try await Tools.run(
                "soak/chaos",
                [
                    "--minutes", "0.6", "--rest", "0.3", "--seed", "5", "--patience", "10", "--out",
                    folder("soak.csv"),
                ]
            )
            #expect(outcome.status == 0, "\(outcome.output)")
            let lines = try String(contentsOfFile: folder("soak.csv"), encoding: .utf8).split(separator: "\n")
            #expect(lines.count > 20 && lines[0].hasPrefix("seconds,fault,capture,rss_kib"))
        }

        private func holds(_ row: Int) async throws {
            let outcome = try await Tools.run("faults/table", ["--patience", "10", "\(row)"])
            #expect(outcome.status == 0 && outcome.output.contains(" pass "), "\(outcome.output)")
        }
    }
}

/// Programs of `tools`, run on the daemon that was built next to this test.
private enum Tools {
    static let areInstalled = ["/usr/bin/python3", "/usr/bin/cc", "/usr/bin/pactl"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static func run(_ name: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [Fixtures.root.appending(path: "tools/" + name).path] + arguments
        process.environment = Program.cleanEnvironment.merging([
            "UNDERTONE_PROGRAMS": Program.undertoned.url.deletingLastPathComponent().path,
            "PYTHONDONTWRITEBYTECODE": "1",
        ]) { $1 }
        let folder = TemporaryFolder()
        let output = try folder.write("", to: "output")
        let handle = try #require(FileHandle(forWritingAtPath: output))
        process.standardOutput = handle
        process.standardError = handle
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (status, try String(contentsOfFile: output, encoding: .utf8))
    }
}
