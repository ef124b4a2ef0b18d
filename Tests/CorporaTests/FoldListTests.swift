// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct FoldListTests {
    private func published() throws -> FoldList {
        try FoldList(file: Fixtures.root.appending(path: "configs/folds/ravdess5.csv"))
    }

    @Test func thePublishedFoldsTestEachActorOnce() throws {
        let folds = try published()
        let actors = (1...24).map { String(format: "rav%02d", $0) }
        #expect(folds.foldCount == 5)
        #expect((0..<5).flatMap { folds.speakers(.test, in: $0) }.sorted() == actors)
    }

    @Test(arguments: 0..<5)
    func noActorHasTwoRolesInAFold(fold: Int) throws {
        let folds = try published()
        let roles = [FoldList.Role.training, .development, .test].map { Set(folds.speakers($0, in: fold)) }
        #expect(roles.map(\.count).reduce(0, +) == 24)
        #expect(roles.reduce(Set()) { $0.union($1) }.count == 24)
        #expect(roles[1].count == 2)
    }

    private static let lists = [
        ("ravdess5", "ravdess", 24, 5), ("nemo4", "nemo_polish", 9, 4), ("ased5", "ased_amharic", 65, 5),
        ("crema5", "crema_d", 79, 5), ("turev3", "turev_turkish", 6, 3),
    ]

    /// A list is refused if a fold lacks a sex in its test or development speakers.
    @Test(arguments: lists)
    func eachListTestsEachSpeakerOnceAndBothSexesInEachFold(
        name: String,
        _: String,
        speakers: Int,
        count: Int
    )
        throws
    {
        let folds = try FoldList(file: Fixtures.root.appending(path: "configs/folds/\(name).csv"))
        #expect(folds.foldCount == count && folds.speakers.count == speakers)
        #expect((0..<count).flatMap { folds.speakers(.test, in: $0) }.sorted() == folds.speakers)
        for fold in 0..<count {
            #expect(!folds.speakers(.training, in: fold).isEmpty)
            #expect(Set(folds.speakers(.test, in: fold).compactMap(folds.sex)).count == 2)
        }
    }

    @Test(.enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"), arguments: lists)
    func eachListHasTheSpeakersOfItsCorpusAndTheirSex(name: String, corpus: String, _: Int, _: Int) throws {
        let folds = try FoldList(file: Fixtures.root.appending(path: "configs/folds/\(name).csv"))
        let manifest = try DataFolder(option: Fixtures.corpora?.path).manifest(of: corpus)
        #expect(Set(manifest.clips.compactMap(\.speaker)) == Set(folds.speakers))
        try folds.check(against: manifest)
        // In ASED a few clips state another sex than the other clips of their speaker.
        for speaker in folds.speakers {
            let stated = manifest.clips.filter { $0.speaker == speaker }.compactMap(\.sex)
            let same = stated.count { $0 == folds.sex(of: speaker) }
            #expect(stated.isEmpty || same * 2 > stated.count, "\(speaker)")
        }
    }

    @Test func anUnknownSpeakerIsReportedWithTheLine() throws {
        try withTemporaryFolder { folder in
            let list = folder.appending(path: "folds.csv")
            try """
            speaker,sex,test_fold,development_fold
            a,M,0,1
            b,F,0,1
            c,M,1,0
            d,F,1,0
            """.write(to: list, atomically: true, encoding: .utf8)
            try "path,speaker,label,duration_s\n1.wav,a,sad,1\n2.wav,b,sad,1\n3.wav,d,sad,1\n".write(
                to: folder.appending(path: "manifest.csv"),
                atomically: true,
                encoding: .utf8
            )
            do {
                try FoldList(file: list).check(against: Manifest(folder: folder))
                Issue.record("the list was accepted")
            } catch {
                let said = String(describing: error)
                #expect(said.contains("folds.csv, line 4: the corpus '") && said.contains("no speaker 'c'"))
            }
        }
    }

    @Test(arguments: [
        (
            "a,M,0,\na,M,1,\n",
            "the speaker 'a' is split between the test folds 0 and 1; list each speaker once"
        ),
        ("a,M,0,\nb,M,0,\nc,F,1,0\nd,M,1,0", "the test speakers of fold 0 must be of both sexes"),
        ("a,M,0,0\n", "development_fold must be empty or a fold that does not test the speaker"),
        ("a,M,0,\na,F,0,\n", "the speaker 'a' is listed twice"),
        ("a,,0,\n", "the sex must be F or M"),
    ])
    func aBadListIsRefused(rows: String, problem: String) throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "folds.csv")
            try ("speaker,sex,test_fold,development_fold\n" + rows).write(
                to: file,
                atomically: true,
                encoding: .utf8
            )
            do {
                _ = try FoldList(file: file)
                Issue.record("the list was accepted")
            } catch {
                #expect(String(describing: error).hasSuffix(problem))
            }
        }
    }
}
