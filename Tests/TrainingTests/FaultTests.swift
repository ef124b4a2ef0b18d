// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModelBundle
import TestSupport
import Testing
import Training

/// Training under SIGKILL, a file size limit, a full disk and without its library, each in a process of its own.
@Suite struct FaultTests {
    private let parent = FileManager.default.temporaryDirectory.appending(path: "undertone-\(UUID())")
    private var folder: String { parent.appending(path: "checkpoint").path }
    private static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "training-process").path

    init() throws { try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true) }

    private func process(_ arguments: [String], environment: [String: String] = [:]) -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OPENBLAS_") }
            .merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        return (process, output)
    }

    /// Runs to the end; what it printed, line by line.
    private func run(_ arguments: [String], environment: [String: String] = [:]) throws -> [String] {
        let (process, output) = process(arguments, environment: environment)
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func left() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: parent.path)
    }

    @Test func aKillAtAnyMomentLeavesAWholeCheckpoint() throws {
        defer { try? FileManager.default.removeItem(at: parent) }
        _ = try run([Self.program, folder, "1"])
        var random = SeededRandom(seed: 7)
        var seen: Set<Int> = []
        for _ in 0..<40 {
            let (process, output) = process([Self.program, folder, "1000000"])
            try process.run()
            _ = output.fileHandleForReading.availableData  // it has begun
            usleep(UInt32.random(in: 0...90_000, using: &random))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let checkpoint = try Checkpoint<Int>(path: folder)
            #expect(checkpoint.weights.allSatisfy { $0 == Float(checkpoint.progress) }, "never half of each")
            seen.insert(checkpoint.progress)
        }
        #expect(seen.count > 1, "the kills came at different moments")
    }

    @Test func aWriteThatFailsHalfwayLeavesTheOldCheckpointAndNothingElse() throws {
        defer { try? FileManager.default.removeItem(at: parent) }
        _ = try run([Self.program, folder, "3"])
        let lines = try run(["sh", "-c", "ulimit -f 64; exec \"$0\" \"$@\"", Self.program, folder, "1"])
        #expect(lines.contains { $0.hasPrefix("failed: ") } && lines.last == "kept 3")
        #expect(try left() == ["checkpoint"])
        #expect(try Checkpoint<Int>(path: folder).weights.allSatisfy { $0 == 3 })
    }

    private static let canMount: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: canMount, "a small file system can be mounted in a namespace of our own"))
    func aFullDiskLeavesTheOldCheckpointAndNothingElse() throws {
        defer { try? FileManager.default.removeItem(at: parent) }
        let script = """
            mount -t tmpfs -o size=128k none "$1" && { "$0" "$1/checkpoint" 2; ls -A "$1"; }
            """
        let lines = try run(["unshare", "-rm", "sh", "-c", script, Self.program, parent.path])
        #expect(lines.contains("written 1") && !lines.contains("written 2"))
        #expect(lines.contains { $0.hasPrefix("failed: ") && $0.contains("No space left") })
        #expect(lines.suffix(2) == ["kept 1", "checkpoint"])
    }

    @Test(.enabled(if: canMount, "a library can be hidden in a namespace of our own"))
    func aMissingLibraryIsToldWithTheNameOfItsPackage() throws {
        defer { try? FileManager.default.removeItem(at: parent) }
        let script = """
            library=$(/sbin/ldconfig -p | sed -n 's/.*libopenblas.so.0 .*=> //p' | head -n 1)
            mount --bind /dev/null "$(readlink -f "$library")" && "$0" "$1" 1
            """
        let lines = try run(["unshare", "-rm", "sh", "-c", script, Self.program, folder])
        #expect(lines.count == 1 && lines.allSatisfy { $0.contains("libopenblas0") })
        #expect(try left().isEmpty)
    }

    @Test func theKernelsAreChosenBeforeTheLibraryLoadsUnlessTheUserChose() throws {
        defer { try? FileManager.default.removeItem(at: parent) }
        let ours = try #require(try run([Self.program, folder, "1"]).first)
        #expect(ours != "kernels " && ours != "kernels Prescott")
        #if arch(x86_64)
            let users = try run(
                [Self.program, folder, "1"],
                environment: ["OPENBLAS_CORETYPE": "Nehalem"]
            )
            #expect(users.first == "kernels Nehalem")
        #endif
    }
}
