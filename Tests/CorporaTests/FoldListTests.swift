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

    @Test(arguments: [
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
