// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct CleanCacheTests {
    private func tables(in folder: URL) throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasSuffix(".features") }
        )
    }

    @Test func tablesThatNoTrainingOfTheRecipeReadsAreRemovedAndCounted() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let cache = corpus.folder.appending(path: "cache")
        let run = try corpus.run("run")
        _ = try await run.prepare { _ in }
        let used = try tables(in: cache)
        let size = run.cacheSize
        #expect(size.tables == used.count && size.bytes > 100_000)
        #expect(run.cleanCache().tables == 0, "every table is used")

        let old = Data("UTFEAT01 a table of an earlier version".utf8)
        try old.write(to: cache.appending(path: "small-0-1234.features"))
        try corpus.write("no table", to: "cache/notes.txt")
        let removed = run.cleanCache()
        #expect(removed.tables == 1 && removed.bytes == old.count)
        #expect(try tables(in: cache) == used && run.cacheSize == size)
        #expect(FileManager.default.fileExists(atPath: cache.appending(path: "notes.txt").path))
    }

    @Test func tablesOfAnotherSeedsCopiesAreRemoved() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let first = try corpus.run("first")
        _ = try await first.prepare { _ in }
        let text = try String(contentsOf: corpus.recipe, encoding: .utf8)
        try corpus.write(text.replacingOccurrences(of: "seed: 3", with: "seed: 4"), to: "recipe.yaml")
        let second = try corpus.run("second")
        _ = try await second.prepare { _ in }
        let both = second.cacheSize.tables
        #expect(second.cleanCache().tables == 1, "the first seed's copy; clean tables have no seed")
        #expect(second.cacheSize.tables == both - 1)
    }
}
