// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Testing

struct SpeechMarkerTests {
    private let marker = SpeechMarker(
        onsetDecibels: 25,
        offsetDecibels: 32,
        floorMarginDecibels: 8,
        fillSeconds: 0.2,
        minimumSeconds: 0.06
    )

    /// A tone of the given level for each segment of seconds.
    private func tone(_ stretches: [(seconds: Double, decibels: Double)]) -> [Float] {
        stretches.flatMap { stretch in
            (0..<Int(stretch.seconds * 16_000)).map {
                Float(pow(10, stretch.decibels / 20) * sin(2 * .pi * 220 * Double($0) / 16_000))
            }
        }
    }

    private func edges(_ marks: [Bool]) -> [Int] {
        marks.indices.dropFirst().filter { marks[$0] != marks[$0 - 1] }
    }

    @Test func silenceBeforeAndAfterIsNotSpeech() {
        let marks = marker.mark(tone([(1, -80), (1, -20), (1, -80)]), hop: 160, sampleRate: 16_000)
        #expect(marks.count == 300)
        let edges = edges(marks)
        #expect(edges.count == 2 && abs(edges[0] - 100) <= 1 && abs(edges[1] - 200) <= 1)
    }

    @Test func aShortPauseBelongsToTheSpeechAndAClickDoesNot() {
        let marks = marker.mark(
            tone([(0.5, -80), (0.03, -20), (0.5, -80), (0.5, -20), (0.1, -80), (0.5, -20), (0.5, -80)]),
            hop: 160,
            sampleRate: 16_000
        )
        #expect(edges(marks).count == 2)
        #expect(marks.filter { $0 }.count >= 105)
    }

    @Test func aLevelBetweenTheThresholdsChangesNothing() {
        let marks = marker.mark(
            tone([(1, -80), (0.5, -48), (1, -20), (0.5, -48), (1, -80)]),
            hop: 160,
            sampleRate: 16_000
        )
        #expect(!marks[125])
        #expect(marks[275])
    }

    @Test func theAnswerDoesNotDependOnTheGain() {
        let clip = tone([(1, -70), (1, -20), (1, -70)])
        let quiet = clip.map { $0 * 0.05 }
        #expect(
            marker.mark(clip, hop: 160, sampleRate: 16_000)
                == marker.mark(quiet, hop: 160, sampleRate: 16_000)
        )
    }

    @Test func anEmptyClipHasNoAnswers() {
        #expect(marker.mark([], hop: 160, sampleRate: 16_000).isEmpty)
    }
}
