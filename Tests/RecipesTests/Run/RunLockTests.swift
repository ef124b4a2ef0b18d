// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import TestSupport
import Testing

struct RunLockTests {
    /// Another process that works in the folder of the run, as a second trainer does.
    private final class Holder {
        let process = Process()
        private let output = Pipe()

        init(lockOf corpus: SmallCorpus) throws {
            process.executableURL = URL(filePath: "/bin/bash")
            let script = "exec 9<>run/lock; flock 9; echo $$ > run/lock; echo held; exec sleep 600"
            process.arguments = ["-c", script]
            process.currentDirectoryURL = corpus.folder
            process.standardOutput = output
            try process.run()
            _ = output.fileHandleForReading.availableData
        }

        /// Ends it as the kernel's lack of memory would.
        func kill() {
            Glibc.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    @Test func aSecondTrainerIsRefusedByNumberAndTheKernelFreesTheLock() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        do { _ = try corpus.run("run") }
        let holder = try Holder(lockOf: corpus)
        defer { if holder.process.isRunning { holder.kill() } }
        let refusal = #expect(throws: RecipeError.self) { try corpus.run("run") }
        let path = corpus.folder.appending(path: "run").path
        #expect(refusal == .locked(path: path, process: Int(holder.process.processIdentifier)))
        #expect(throws: Never.self) { try corpus.run("run", RunOpening(.reading)) }
        #expect(throws: Never.self) { try corpus.run("another") }
        holder.kill()
        #expect(throws: Never.self) { try corpus.run("run") }
    }

    @Test func oneProcessMayOpenItsRunTwice() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let first = try corpus.run("run")
        let second = try corpus.run("run")
        #expect(first.folder.url == second.folder.url)
    }

    @Test func whatAKilledRunLeftIsRemovedAtTheNextStart() throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        do { _ = try corpus.run("run") }
        let holder = try Holder(lockOf: corpus)
        holder.kill()
        let dead = holder.process.processIdentifier
        let (part, files) = (corpus.folder.appending(path: "run/fold-0"), FileManager.default)
        for name in ["checkpoint.\(dead).tmp", "model.\(dead).tmp", "model.\(dead).old"] {
            try files.createDirectory(at: part.appending(path: name), withIntermediateDirectories: true)
            try corpus.write("{}", to: "run/fold-0/\(name)/config.json")
        }
        try corpus.write("half", to: "run/.dat.nosync\(String(dead, radix: 16)).abc")
        _ = try corpus.run("run")
        #expect(
            try files.contentsOfDirectory(atPath: part.path) == ["model"],
            "the replaced model is put back"
        )
        let names = try files.contentsOfDirectory(atPath: corpus.folder.appending(path: "run").path)
        #expect(!names.contains { $0.hasPrefix(".") })
    }
}
