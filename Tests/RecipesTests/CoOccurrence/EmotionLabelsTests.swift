// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct EmotionLabelsTests {
    private static let ratings = ListenerVotes(
        ratings: [
            ([Emotion.angry: 8, .disgusted: 2], Emotion.angry), ([.angry: 4, .neutral: 6], .angry),
            ([.neutral: 10], .neutral), ([.happy: 3, .neutral: 7], .happy),
        ].enumerated().compactMap { index, rated in
            EmotionVotes(rated.0).map { .init(name: "\(index)", intended: rated.1, votes: $0) }
        }
    )

    private func labels(
        _ labels: Recipe.CoOccurrence.Labels,
        threshold: Double = 0,
        intendedShare: Double? = nil
    ) -> EmotionLabels {
        EmotionLabels(
            Recipe.CoOccurrence(
                votes: nil,
                labels: labels,
                alpha: 0.2,
                threshold: threshold,
                intendedShare: intendedShare
            ),
            votes: Self.ratings
        )
    }

    /// Clips of a manifest: angry, surprised, angry with votes of its own, and one without a label.
    private func clips() throws -> [Clip] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "labels-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try """
        path,label,duration_s,votes_angry,votes_sad
        a.wav,angry,1,,
        b.wav,surprised,1,,
        c.wav,angry,1,1,3
        d.wav,,1,,
        """.write(to: folder.appending(path: "manifest.csv"), atomically: true, encoding: .utf8)
        return try Manifest(folder: folder).clips
    }

    /// neutral, happy, sad, angry, fearful, disgusted, surprised
    @Test(
        arguments: [
            (Recipe.CoOccurrence.Labels.hard, [0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0]),
            (.multi, [1, 0, 0, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0, 0]),
            (.distribution, [0.3, 0, 0, 0.6, 0, 0.1, 0], [0, 0, 0.75, 0.25, 0, 0, 0]),
        ] as [(Recipe.CoOccurrence.Labels, [Float], [Float])]
    )
    func anIntendedEmotionIsLabelledAsItWasHeardAndOwnVotesWin(
        form: Recipe.CoOccurrence.Labels,
        heard: [Float],
        voted: [Float]
    ) throws {
        let (labels, clips) = (labels(form), try clips())
        let first = try #require(labels.label(of: clips[0]))
        #expect(zip(first, heard).allSatisfy { abs($0 - $1) < 1e-6 }, "\(first)")
        #expect(labels.label(of: clips[1]) == [0, 0, 0, 0, 0, 0, 1], "no listener rated surprise")
        #expect(labels.label(of: clips[2]) == voted)
        #expect(labels.label(of: clips[3]) == nil)
    }

    @Test func everyLabelSaysWhereItIsFrom() throws {
        let clips = try clips().prefix(3)
        #expect(clips.map(labels(.distribution).source) == [.heard, .intended, .votes])
        #expect(clips.map(labels(.hard).source) == [.intended, .intended, .intended])
    }

    @Test func theIntendedShareLeadsFromListenersToOneHot() throws {
        let clip = try clips()[0]
        let half = try #require(labels(.distribution, intendedShare: 0.5).label(of: clip))
        #expect(zip(half, [0.15, 0, 0, 0.8, 0, 0.05, 0]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(half)")
        #expect(labels(.distribution, intendedShare: 1).label(of: clip) == [0, 0, 0, 1, 0, 0, 0])
    }

    @Test func aThresholdTakesSingleVotesOutOfMultiLabels() throws {
        let clip = try clips()[2]
        #expect(labels(.multi, threshold: 0.3).label(of: clip) == [0, 0, 1, 0, 0, 0, 0])
    }
}
