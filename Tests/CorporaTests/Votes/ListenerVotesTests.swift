// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport
import Testing

struct ListenerVotesTests {
    private static let extract = Fixtures.url("ratings")

    private func complaint(_ files: [String: String]) throws -> String {
        try withTemporaryFolder { folder in
            for (name, text) in files {
                try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
            }
            do throws(CorporaError) {
                _ = try ListenerVotes(folder: folder)
                return ""
            } catch {
                return error.description
            }
        }
    }

    @Test func onlyVotesOnTheVoiceCount() throws {
        let ratings = try ListenerVotes(folder: Self.extract).ratings
        #expect(ratings.count == 66)
        let high = try #require(ratings.first { $0.name == "1001_IEO_HAP_HI" })
        #expect(high.intended == .happy)
        #expect(high.votes == EmotionVotes([.angry: 2, .happy: 6, .neutral: 2]))
        #expect(high.votes.shares == [0.2, 0.6, 0, 0.2, 0, 0, 0])
    }

    @Test func votesOfLeftOutClipsAreRemoved() throws {
        let votes = try ListenerVotes(folder: Self.extract)
        let clips = try withTemporaryFolder { folder in
            try """
            path,speaker,sex,label,sentence,duration_s
            AudioWAV/1001_IEO_HAP_HI.wav,1001,M,happy,IEO,2
            AudioWAV/1001_IEO_XXX_HI.wav,1001,M,happy,IEO,2
            """.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
            return try Manifest(folder: folder).clips
        }
        let rest = votes.leavingOut(clips).ratings
        #expect(rest == votes.ratings.filter { $0.name != "1001_IEO_HAP_HI" } && rest.count == 65)
    }

    @Test func votesInAManifestReachTheirClips() throws {
        let text = """
            path,label,duration_s,votes_happy,votes_neutral
            a.wav,happy,1,3,1
            b.wav,,1,,
            c.wav,,1,0,2
            """
        try withTemporaryFolder { folder in
            try text.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
            let clips = try Manifest(folder: folder).clips
            #expect(
                clips.map(\.votes) == [
                    EmotionVotes([.happy: 3, .neutral: 1]), nil, EmotionVotes([.neutral: 2]),
                ]
            )
            let ratings = try ListenerVotes(folder: folder).ratings
            #expect(ratings.map(\.name) == ["a.wav", "c.wav"] && ratings.map(\.intended) == [.happy, nil])
        }
    }

    @Test func theDistributionOfTheVotesOnEachClipIsItsTarget() throws {
        let text = "path,label,duration_s,votes_happy,votes_sad\na.wav,sad,1,3,1\nb.wav,sad,1,,\n"
        try withTemporaryFolder { folder in
            try text.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
            let clips = try Manifest(folder: folder).clips
            #expect(try EmotionVotes.shares(of: clips) == [[0, 0.75, 0.25, 0, 0, 0, 0], nil])
            do throws(CorporaError) {
                _ = try EmotionVotes.shares(of: [clips[1]])
                Issue.record("a corpus without votes was accepted")
            } catch {
                #expect(error.description.contains("manifest.csv, line 1: votes are required, but no clip"))
            }
        }
    }

    @Test func votesThatAreAllZeroAreRefusedByLine() throws {
        let manifest = "path,label,duration_s,votes_sad,votes_happy\na.wav,sad,1,2,0\nb.wav,sad,1,0,0\n"
        let said = try complaint(["manifest.csv": manifest])
        #expect(said.contains("manifest.csv, line 3: all votes are 0; leave the votes of a clip empty"))
    }

    @Test(.enabled(if: Fixtures.corpora != nil, "set UNDERTONE_DATA"))
    func theManifestOfCremaDHasTheVotesOfItsTable() throws {
        let data = try #require(Fixtures.corpora)
        let clips = try Manifest(folder: data.appending(path: "crema_d")).clips
        let table = try ListenerVotes(folder: data.appending(path: "crema_d_ratings")).ratings
        let votes = Dictionary(uniqueKeysWithValues: table.map { ($0.name, $0.votes) })
        #expect(try EmotionVotes.shares(of: clips).count { $0 == nil } == 1)
        for clip in clips {
            let name = clip.file.deletingPathExtension().lastPathComponent
            #expect(clip.votes == votes[name], "\(clip.name)")
        }
    }

    @Test(arguments: ["-1", "two", "1.5", "99999999999999999999"])
    func invalidVoteCountsAreRefusedByLine(field: String) throws {
        let manifest = "path,label,duration_s,votes_sad\na.wav,sad,1,2\nb.wav,sad,1,\(field)\n"
        let said = try complaint(["manifest.csv": manifest])
        #expect(
            said.hasSuffix("line 3: column 'votes_sad': '\(field)' is not a vote count")
        )
        let table = "\"\",A,D,F,H,N,S,fileName\n100001,1,0,0,0,0,\(field),1001_IEO_SAD_HI\n"
        #expect(
            try complaint(["tabulatedVotes.csv": table]).hasSuffix(
                "line 2: column 'S' has no vote count"
            )
        )
    }

    @Test func aTableWithoutItsColumnsIsRefused() throws {
        let said = try complaint(["tabulatedVotes.csv": "\"\",A,D,F,H,N,fileName\n"])
        #expect(said.hasSuffix("line 1: the column 'S' is missing"))
    }

    @Test func aFolderWithoutVotesIsRefused() throws {
        let said = try complaint(["manifest.csv": "path,label,duration_s\na.wav,sad,1\n"])
        #expect(said.hasSuffix("it has neither tabulatedVotes.csv nor votes in its manifest.csv"))
        #expect(try complaint([:]).contains("manifest.csv"))
    }
}
