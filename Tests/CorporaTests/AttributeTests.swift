// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

/// Numbers and levels of arousal, valence and dominance.
struct AttributeTests {
    private static let levels = AttributeLevels(
        corpus: "words",
        attribute: .arousal,
        column: .label,
        values: ["low": -1, "neutral": 0, "high": 1]
    )

    private func manifest(_ header: String, _ lines: String...) throws -> Manifest {
        try withTemporaryFolder { folder in
            let corpus = folder.appending(path: "words")
            try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
            try (([header] + lines).joined(separator: "\n") + "\n").write(
                to: corpus.appending(path: "manifest.csv"),
                atomically: true,
                encoding: .utf8
            )
            return try Manifest(folder: corpus)
        }
    }

    private func refusal(_ body: () throws -> Void) throws -> String {
        try #require(throws: CorporaError.self, performing: body).description
    }

    @Test func theColumnsOfAManifestAreNumbersFromMinusOneToOne() throws {
        let header = "path,label,duration_s,arousal,valence"
        let clips = try manifest(header, "a.opus,sad,1,-0.5,", "b.opus,sad,1,1,0.25", "c.opus,sad,1,,").clips
        #expect(clips.map(\.attributes) == [[.arousal: -0.5], [.arousal: 1, .valence: 0.25], [:]])
        for wrong in ["1.5", "nan", "high"] {
            let said = try refusal { _ = try manifest(header, "a.opus,sad,1,\(wrong),") }
            #expect(said.hasSuffix("line 2: the arousal '\(wrong)' is not a number from -1 to 1"))
        }
    }

    @Test func levelsInTheLabelColumnAreNotEmotions() throws {
        let corpus = try manifest("path,speaker,label,duration_s", "a.opus,x,neutral,1", "b.opus,y,high,1")
        let read = try corpus.reading([Self.levels])
        #expect(read.clips.map(\.attributes) == [[.arousal: 0], [.arousal: 1]])
        #expect(read.clips.allSatisfy { $0.emotion == nil })
        #expect(try read.emotionalClips().isEmpty)
        #expect(try read.clips(teaching: [.arousal]).count == 2)
        #expect(try read.clips(teaching: [.valence]).isEmpty)
    }

    @Test func levelsInTheIntensityColumnKeepTheEmotion() throws {
        let levels = AttributeLevels(
            corpus: "words",
            attribute: .arousal,
            column: .intensity,
            values: ["normal": -0.5, "strong": 0.5]
        )
        let header = "path,speaker,label,duration_s,intensity"
        let clips = try manifest(header, "a.opus,x,sad,1,strong", "b.opus,x,sad,1,").reading([levels]).clips
        #expect(clips.map(\.attributes) == [[.arousal: 0.5], [:]])
        #expect(clips.map(\.emotion) == [.sad, .sad])
    }

    @Test func anUnknownLevelIsReportedWithItsLine() throws {
        let corpus = try manifest("path,speaker,label,duration_s", "a.opus,x,low,1", "b.opus,x,angry,1")
        let said = try refusal { _ = try corpus.reading([Self.levels]) }
        #expect(said.hasSuffix("line 3: the label 'angry' is none of the levels high, low, neutral"))
    }

    @Test func aClipWithAnAttributeMustNameItsSpeaker() throws {
        let corpus = try manifest("path,speaker,label,duration_s,arousal", "a.opus,,,1,0.5")
        #expect(try corpus.clips(teaching: []).isEmpty)
        let said = try refusal { _ = try corpus.clips(teaching: [.arousal]) }
        #expect(said.contains("line 2: the speaker is missing"))
    }

    @Test func levelsOfOtherCorporaAreNotApplied() throws {
        let other = AttributeLevels(
            corpus: "other",
            attribute: .arousal,
            column: .label,
            values: ["a": 0, "b": 1]
        )
        let clips = try manifest("path,speaker,label,duration_s", "a.opus,x,sad,1").reading([other]).clips
        #expect(clips.first?.emotion == .sad)
    }
}
