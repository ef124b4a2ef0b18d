// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Corpora
import Foundation
import TestSupport
import Testing

struct ClipAudioTests {
    /// One second of 440 Hz; the channels after the first have half its level.
    private func tone(_ rate: Int, channelCount: Int) -> [Float] {
        (0..<rate).flatMap { frame -> [Float] in
            let sample = Float(0.5 * sin(2 * Double.pi * 440 * Double(frame) / Double(rate)))
            return (0..<channelCount).map { $0 == 0 ? sample : sample / 2 }
        }
    }

    @Test(arguments: [8_000, 11_025, 22_050, 44_100, 48_000, 96_000], [1, 2, 6])
    func anyRateAndChannelCountBecomesTheSameTone(rate: Int, channelCount: Int) throws {
        try withTemporaryFolder { folder in
            let sound = SoundFile(
                samples: tone(rate, channelCount: channelCount),
                sampleRate: rate,
                channelCount: channelCount
            )
            let path = try sound.write(to: folder)
            let samples = try ClipAudio.samples(of: URL(filePath: path), sampleRate: 16_000)
            let scale = (1 + 0.5 * Float(channelCount - 1)) / Float(channelCount)
            let expected = tone(16_000, channelCount: 1).map { $0 * scale }
            #expect(samples.count == 16_000)
            // Near the edges half of the filter is outside the tone.
            let errors = (1_000..<15_000).map { abs(samples[$0] - expected[$0]) }
            #expect(errors.max() ?? 1 < 2e-3)
        }
    }

    @Test func realSpeechAtItsOwnRateIsUntouched() throws {
        let file = Fixtures.speech[0]
        let clip = try AudioClip(path: file.path)
        #expect(try ClipAudio.samples(of: file, sampleRate: clip.sampleRate) == clip.samples)
    }
}
