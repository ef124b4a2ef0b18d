// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct ManifestTests {
    private static let header = "path,speaker,sex,label,sentence,duration_s"

    private func manifest(_ lines: String...) throws -> Manifest {
        try withTemporaryFolder { folder in
            try (lines.joined(separator: "\n") + "\n").write(
                to: folder.appending(path: "manifest.csv"),
                atomically: true,
                encoding: .utf8
            )
            return try Manifest(folder: folder)
        }
    }

    private func sentence(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return String(describing: error)
        }
    }

    @Test func everyColumnReachesItsField() throws {
        let manifest = try manifest(Self.header, "01/a.opus,rav01,M,fear,S01,3.5")
        let clip = try #require(manifest.clips.first)
        #expect(clip.path == "01/a.opus" && clip.speaker == "rav01" && clip.sex == .male)
        #expect(
            clip.emotion == .fearful && clip.sentence == "S01" && clip.durationSeconds == 3.5
                && clip.line == 2
        )
    }

    @Test(arguments: [
        ("a.opus,x,M,angry,s,zero", "line 2: the duration 'zero' is not a positive number of seconds"),
        ("a.opus,x,M,angry,s,nan", "line 2: the duration 'nan' is not a positive number of seconds"),
        ("a.opus,x,Q,angry,s,1", "line 2: the sex 'Q' is neither F nor M"),
        (",x,M,angry,s,1", "line 2: the path is empty"),
        ("../a.opus,x,M,angry,s,1", "line 2: the path '../a.opus' leads out of the corpus folder"),
        ("/a.opus,x,M,angry,s,1", "line 2: the path '/a.opus' leads out of the corpus folder"),
        // A slash with an accent is one character, but two bytes for the file system.
        ("../\u{301}a,x,M,angry,s,1", "line 2: the path '../\u{301}a' leads out of the corpus folder"),
        ("..\0a,x,M,angry,s,1", "line 2: the path '..\0a' leads out of the corpus folder"),
    ])
    func aBadLineIsRefusedByNumber(line: String, problem: String) {
        #expect(sentence { _ = try manifest(Self.header, line) }.hasSuffix("manifest.csv, \(problem)"))
    }

    @Test func theSplitIsReadAndAnUnknownWordRefused() throws {
        let header = "path,label,duration_s,split"
        let clips = try manifest(header, "a.opus,sad,1,train", "b.opus,sad,1,test", "c.opus,sad,1,").clips
        #expect(clips.map(\.split) == [.train, .test, nil])
        let said = sentence { _ = try manifest(header, "a.opus,sad,1,training") }
        #expect(said.hasSuffix("line 2: the split 'training' is none of train, development, test"))
    }

    @Test func anAgeIsANumberOfYears() throws {
        let header = "path,label,duration_s,age"
        #expect(try manifest(header, "a.opus,sad,1,51", "b.opus,sad,1,").clips.map(\.age) == [51, nil])
        let said = sentence { _ = try manifest(header, "a.opus,sad,1,fifty") }
        #expect(said.hasSuffix("line 2: the age 'fifty' is not a number of years"))
    }

    @Test func aClipListedTwiceIsRefused() {
        let said = sentence { _ = try manifest(Self.header, "a.opus,x,M,sad,s,1", "a.opus,x,M,angry,s,1") }
        #expect(said.hasSuffix("line 3: 'a.opus' is already listed on line 2"))
    }

    @Test func anUnknownColumnIsRefusedByName() {
        #expect(
            sentence { _ = try manifest("path,label,duration_s,speeker") }.contains(
                "unknown column 'speeker'"
            )
        )
        #expect(sentence { _ = try manifest("path,duration_s") }.contains("the column 'label' is missing"))
    }

    @Test func emotionalClipsNeedASpeakerAndAKnownLabel() throws {
        let manifest = try manifest(
            Self.header,
            "a.opus,x,M,calm,s,1",
            "b.opus,x,M,none,s,1",
            "c.opus,,M,sad,s,1"
        )
        #expect(
            sentence { _ = try manifest.emotionalClips() }.contains(
                "line 3: the label 'none' is none of neutral"
            )
        )
        #expect(
            sentence { _ = try manifest.emotionalClips(ignoring: ["none"]) }.contains(
                "line 4: the speaker is missing"
            )
        )
    }

    @Test func aFolderWithoutManifestIsNamed() throws {
        let said = try withTemporaryFolder { folder in sentence { _ = try Manifest(folder: folder) } }
        #expect(said.hasPrefix("cannot read ") && said.contains("manifest.csv"))
    }

    @Test(
        .enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"),
        arguments: ["grid_sample_av", "facegood_av", "neurosync_sample_av"]
    )
    func clipsWithFacesNameTheirSeries(corpus: String) throws {
        let clips = try DataFolder(option: Fixtures.corpora?.path).manifest(of: corpus).clips
        #expect(clips.allSatisfy { $0.faceFile?.hasSuffix(".csv") == true })
    }

    @Test(
        .enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"),
        arguments: [
            "ravdess", "tess", "nemo_polish", "ased_amharic", "korean_emotts5pct", "crema_d", "turev_turkish",
        ]
    )
    func theRealCorporaReadWithoutComplaint(corpus: String) throws {
        let data = try DataFolder(option: Fixtures.corpora?.path)
        let clips = try data.manifest(of: corpus).emotionalClips()
        #expect(clips.count >= 300)
    }
}

struct DataFolderTests {
    @Test func theErrorNamesOptionAndVariable() {
        #expect(throws: CorporaError.noDataFolder) { try DataFolder(option: nil, environment: [:]) }
        #expect(CorporaError.noDataFolder.description.contains("--data DIR or set UNDERTONE_DATA"))
    }

    @Test func theOptionWinsOverTheVariable() throws {
        let path = FileManager.default.temporaryDirectory.path
        let folder = try DataFolder(option: path, environment: [DataFolder.variable: "/nowhere"])
        #expect(folder.url.path.hasPrefix(path))
    }

    @Test func aFileIsNotAFolder() throws {
        let file = Fixtures.root.appending(path: "Package.swift").path
        #expect(throws: CorporaError.unreadable(path: file, reason: "it is a file, not a folder")) {
            try DataFolder(option: file, environment: [:])
        }
    }
}
