// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostileModels
import HostileRecipes
import HostileRequests
import HostileSettings
import HostileSounds
import HostileTables
import Promises
import Testing

extension HostileInput {
    static let all =
        requestInputs + settingsInputs + modelInputs + soundInputs + tableInputs + recipeInputs
}

// One after the other, since an audio file is always the same file in memory.
@Suite(.serialized) struct CorpusTests {
    /// What libFuzzer kept, the inputs that once broke something among it.
    private static let corpora = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../tools/fuzz/corpora").standardizedFileURL

    private static func corpus(of input: HostileInput) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: corpora.appending(path: input.name),
            includingPropertiesForKeys: nil
        )
    }

    @Test(arguments: HostileInput.all)
    func everyInputThatWasKeptIsSurvivedAndNoPromiseIsBroken(_ input: HostileInput) throws {
        let files = try Self.corpus(of: input)
        #expect(!files.isEmpty)
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try input.feed(bytes) }
        }
    }

    @Test(arguments: HostileInput.all)
    func soIsEveryBeginningOfThem(_ input: HostileInput) throws {
        for file in try Self.corpus(of: input).sorted(by: { $0.path < $1.path }).prefix(8) {
            let bytes = [UInt8](try Data(contentsOf: file))
            for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 64)) {
                #expect(throws: Never.self, "\(file.lastPathComponent), \(length) bytes") {
                    try input.feed(Array(bytes.prefix(length)))
                }
            }
        }
    }
}
