// SPDX-License-Identifier: Apache-2.0
import Foundation
import FuzzInvariants
import HostileModels
import HostileRecipes
import HostileRequests
import HostileSettings
import HostileSounds
import HostileTables
import Testing

extension HostileInput {
    static let all =
        requestInputs + settingsInputs + modelInputs + soundInputs + tableInputs + recipeInputs
}

// One after the other, since all audio inputs use the same file in memory.
@Suite(.serialized) struct CorpusTests {
    /// Archives of the inputs that libFuzzer kept and of those that once caused a failure.
    private static let corpora = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../tools/fuzz/corpora").standardizedFileURL

    /// The files of an input's archive by name, unpacked once.
    private static let contents: [String: [(name: String, bytes: [UInt8])]] = {
        var contents: [String: [(String, [UInt8])]] = [:]
        for input in HostileInput.all { contents[input.name] = try? unpacked(input.name) }
        return contents
    }()

    private static func unpacked(_ name: String) throws -> [(String, [UInt8])] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "corpus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let archive = corpora.appending(path: "\(name).tar.gz").path
        let tar = try Process.run(
            URL(filePath: "/bin/tar"),
            arguments: ["-xzf", archive, "-C", folder.path]
        )
        tar.waitUntilExit()
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
            .map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
    }

    @Test(arguments: HostileInput.all)
    func noCorpusInputCrashesOrBreaksAPromise(_ input: HostileInput) throws {
        let files = try #require(Self.contents[input.name])
        #expect(!files.isEmpty)
        for (name, bytes) in files {
            #expect(throws: Never.self, "\(name)") { try input.feed(bytes) }
        }
    }

    @Test(arguments: HostileInput.all)
    func noPrefixOfACorpusInputCrashes(_ input: HostileInput) throws {
        for (name, bytes) in try #require(Self.contents[input.name]).prefix(8) {
            for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 64)) {
                #expect(throws: Never.self, "\(name), \(length) bytes") {
                    try input.feed(Array(bytes.prefix(length)))
                }
            }
        }
    }
}
