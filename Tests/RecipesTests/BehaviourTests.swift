// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionStream
import Foundation
import ModelBundle
import Recipes
import TestSupport
import Testing

struct BehaviourTests {
    /// Corpora of the recordings that ship with the repository, under the names that `measure` looks for.
    private func data() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "behaviour-\(UUID().uuidString)")
        try corpus(
            "music_household_free",
            [("angry", "", "music", ""), ("sad", "", "household", "")],
            folder
        )
        try corpus("deeply_nonverbal", [("happy", "nv_1", "laughing", "")], folder)
        try corpus("speechocean762", [("angry", "so_1", "", "6"), ("happy", "so_2", "", "40")], folder)
        let calm = Array(repeating: ("sad", "rav01", "calm", ""), count: 5)
        let angry = Array(repeating: ("angry", "rav01", "angry", ""), count: 3)
        try corpus("ravdess", calm + angry, folder)
        return folder
    }

    /// Each clip: recording, speaker, label, age.
    private func corpus(_ name: String, _ clips: [(String, String, String, String)], _ data: URL) throws {
        let folder = data.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var manifest = "path,speaker,label,age,duration_s\n"
        for (index, clip) in clips.enumerated() {
            let path = "\(index)-\(clip.0).opus"
            try FileManager.default.copyItem(
                at: Fixtures.url("speech/\(clip.0).opus"),
                to: folder.appending(path: path)
            )
            manifest += "\(path),\(clip.1),\(clip.2),\(clip.3),3.5\n"
        }
        try manifest.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
    }

    private func test(_ data: URL, speakers: Set<String>? = nil) throws -> BehaviourTest {
        let model = try StreamModel(path: ModelFolder.defaultPath)
        return BehaviourTest(model, data: try DataFolder(option: data.path), speakers: speakers)
    }

    @Test func eachPartCountsItsClips() async throws {
        let data = try data()
        defer { try? FileManager.default.removeItem(at: data) }
        let report = try await test(data).run { _ in }
        #expect(report.music.map(\.gain) == [1, 0.1, 0.01])
        #expect(report.music[0].labelledUtterances == 1 && report.music[0].labelledPerHour > 500)
        #expect(report.vocalNoises["laughing"]?.of == 1 && report.nonSpeech.isEmpty)
        #expect(report.children["angry"]?.count == 1 && report.children["none"]?.of == 1)
        let mood = try #require(report.moodChange)
        #expect(mood.trials == 1 && mood.delaySeconds.values.allSatisfy { $0 > 0 })
        #expect(try #require(report.labelChanges).minutes > 0.1)
        let table = report.markdown
        #expect(table.contains("| angry after calm: named |"), "said: \(table)")
    }

    @Test func anUnknownSpeakerIsNamed() async throws {
        let data = try data()
        defer { try? FileManager.default.removeItem(at: data) }
        let error = await #expect(throws: RecipeError.self) {
            try await test(data, speakers: ["rav77"]).run { _ in }
        }
        #expect(error?.description.contains("ravdess has no speaker 'rav77'") == true)
    }
}
