// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Testing

struct TeacherTableTests {
    /// Passes `body` a corpus of three clips and a table of three vectors of two numbers for two of them.
    private func withTable(
        vectors: [Float16] = [1, 2, 3, 4, 5, 6],
        frames: String = "a.wav,2\nb.wav,1\n",
        _ body: (URL, [Clip]) throws -> Void
    ) throws {
        try withTemporaryFolder { folder in
            let description = """
                {"format":"undertone-teacher/1","encoder":"test 1","licence":"CC0","vector_size":2,"frame_ms":40,
                 "mean":[0,0],"deviation":[1,1]}
                """
            let corpus = folder.appending(path: "c")
            try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
            let manifest =
                "path,speaker,sex,label,sentence,duration_s\na.wav,s,,,,1\nb.wav,s,,,,1\nc.wav,s,,,,1\n"
            let bytes = vectors.withUnsafeBytes { Data($0) }
            for (name, data) in [
                ("table.json", Data(description.utf8)), ("c.csv", Data(("path,frames\n" + frames).utf8)),
                ("c.f16", bytes), ("c/manifest.csv", Data(manifest.utf8)),
            ] {
                try data.write(to: folder.appending(path: name))
            }
            try body(folder, Manifest(folder: corpus).clips)
        }
    }

    @Test func aClipHasItsOwnVectors() throws {
        try withTable { folder, clips in
            let table = try TeacherTable(folder: folder, corpora: ["c"])
            #expect(table.vectors(of: clips[0]) == [1, 2, 3, 4])
            #expect(table.vectors(of: clips[1]) == [5, 6])
            #expect(table.vectors(of: clips[2]) == nil)
        }
    }

    @Test func aTableOfAnotherLengthIsRefused() throws {
        try withTable(vectors: [1, 2, 3, 4]) { folder, _ in
            #expect(throws: CorporaError.self) { try TeacherTable(folder: folder, corpora: ["c"]) }
        }
    }

    @Test func aClipThatTheTableLacksIsNamed() throws {
        try withTable { folder, clips in
            let table = try TeacherTable(folder: folder, corpora: ["c"])
            let error = #expect(throws: CorporaError.self) { try table.check(clips) }
            #expect(error?.description.contains("c/c.wav") == true)
        }
    }

    @Test(arguments: ["a.wav,two\n", "a.wav,-1\n", "a.wav\n"])
    func anInvalidCountIsRefused(row: String) throws {
        try withTable(frames: row) { folder, _ in
            #expect(throws: CorporaError.self) { try TeacherTable(folder: folder, corpora: ["c"]) }
        }
    }

    @Test func aMissingOrInvalidTableIsReported() throws {
        try withTable { folder, _ in
            let absent = #expect(throws: CorporaError.self) {
                try TeacherTable(folder: folder.appending(path: "none"), corpora: ["c"])
            }
            #expect(absent?.description.contains("none/table.json") == true)
            try Data("[]".utf8).write(to: folder.appending(path: "table.json"))
            let other = #expect(throws: CorporaError.self) {
                try TeacherTable(folder: folder, corpora: ["c"])
            }
            #expect(other?.description.contains("does not describe a teacher table") == true)
        }
    }
}
