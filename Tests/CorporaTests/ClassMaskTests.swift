// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct ClassMaskTests {
    private func classes(_ lines: String...) throws -> ClassMask {
        try withTemporaryFolder { folder in
            let text = (["path,label,duration_s,votes_sad,votes_neutral"] + lines).joined(separator: "\n")
            try text.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
            return try Manifest(folder: folder).classes
        }
    }

    @Test func aCorpusHasTheClassesOfItsLabelsAndOfItsVotes() throws {
        let mask = try classes("a.wav,calm,1,,", "b.wav,anger,1,,", "c.wav,,1,2,1", "d.wav,bored,1,,")
        #expect(mask.labels.compactMap(Emotion.init(rawValue:)) == [.neutral, .sad, .angry])
    }

    @Test func rowsAreReducedToTheClassesAndExpandedAgain() throws {
        let mask = try classes("a.wav,happy,1,,", "b.wav,fear,1,,")
        let row = [0, 1, 2, 3, 4, 5, 6]
        #expect(mask.selected(of: row) == [1, 4])
        #expect(mask.expanded([1, 4], absent: -1) == [-1, 1, -1, -1, 4, -1, -1])
        #expect(mask.including([1, 0, 0, 0, 0, 0, 0.1]).labels == [0, 1, 4, 6])
        #expect(ClassMask.all.selected(of: row) == row)
    }

    @Test func restrictedProbabilitiesSumToOneOverTheClasses() throws {
        let mask = try classes("a.wav,happy,1,,", "b.wav,fear,1,,")
        #expect(
            mask.restricted([0.5, 0.3, 0, 0, 0.1, 0.1, 0]).map { ($0 * 100).rounded() } == [
                0, 75, 0, 0, 25, 0, 0,
            ]
        )
        #expect(mask.restricted([1, 0, 0, 0, 0, 0, 0]) == [0, 0.5, 0, 0, 0.5, 0, 0])
    }

    @Test(
        .enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"),
        arguments: [
            ("crema_d", [0, 1, 2, 3, 4, 5]), ("turev_turkish", [0, 1, 2, 3]), ("ravdess", Array(0..<7)),
        ]
    )
    func theRealCorporaHaveTheirStatedClasses(corpus: String, labels: [Int]) throws {
        #expect(try DataFolder(option: Fixtures.corpora?.path).manifest(of: corpus).classes.labels == labels)
    }
}
