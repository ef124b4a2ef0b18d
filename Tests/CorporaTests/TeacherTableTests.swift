// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Testing

struct TeacherTableTests {
    /// A corpus of two clips and a table of three vectors of two numbers.
    private func folder(vectors: [Float16] = [1, 2, 3, 4, 5, 6], frames: String = "a.wav,2\nb.wav,1\n") throws
        -> TemporaryFolder
    {
        let folder = try TemporaryFolder()
        let description = """
            {"format":"undertone-teacher/1","encoder":"test 1","licence":"CC0","vector_size":2,"frame_ms":40,
             "mean":[0,0],"deviation":[1,1]}
            """
        try Data(description.utf8).write(to: folder.url.appending(path: "table.json"))
        try Data(("path,frames\n" + frames).utf8).write(to: folder.url.appending(path: "c.csv"))
        try vectors.withUnsafeBytes { try Data($0).write(to: folder.url.appending(path: "c.f16")) }
        let corpus = folder.url.appending(path: "c")
        try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
        let manifest =
            "path,speaker,sex,label,sentence,duration_s\na.wav,s,,,,1\nb.wav,s,,,,1\nc.wav,s,,,,1\n"
        try Data(manifest.utf8).write(to: corpus.appending(path: "manifest.csv"))
        return folder
    }

    private func clips(_ folder: TemporaryFolder) throws -> [Clip] {
        try Manifest(folder: folder.url.appending(path: "c")).clips
    }

    @Test func aClipHasItsOwnVectors() throws {
        let folder = try folder()
        let table = try TeacherTable(folder: folder.url, corpora: ["c"])
        let clips = try clips(folder)
        #expect(table.vectors(of: clips[0]) == [1, 2, 3, 4])
        #expect(table.vectors(of: clips[1]) == [5, 6])
        #expect(table.vectors(of: clips[2]) == nil)
    }

    @Test func aTableOfAnotherLengthIsRefused() throws {
        let folder = try folder(vectors: [1, 2, 3, 4])
        #expect(throws: CorporaError.self) { try TeacherTable(folder: folder.url, corpora: ["c"]) }
    }

    @Test func aClipThatTheTableLacksIsNamed() throws {
        let folder = try folder()
        let table = try TeacherTable(folder: folder.url, corpora: ["c"])
        let error = #expect(throws: CorporaError.self) { try table.check(clips(folder)) }
        #expect(error?.description.contains("c/c.wav") == true)
    }

    @Test(arguments: ["a.wav,two\n", "a.wav,-1\n", "a.wav\n"])
    func aCountThatIsNoneIsRefused(row: String) throws {
        let folder = try folder(frames: row)
        #expect(throws: CorporaError.self) { try TeacherTable(folder: folder.url, corpora: ["c"]) }
    }
}
