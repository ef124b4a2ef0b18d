// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import EmotionEncoder
import EmotionEvents
import EmotionStream
import Foundation
import ModelBundle
import TestSupport
import Testing

@Suite struct SoundGateTests {
    private let step: Int64 = 640

    /// Changes caused by levels above the floor, one per step of 40 ms.
    private func changes(_ levels: [Float], decibels: Float = -20) -> [SoundGate.Change] {
        var gate = SoundGate()
        return levels.enumerated().compactMap { index, level in
            gate.step(
                decibels: decibels,
                overFloor: level,
                samples: Int64(index) * step..<Int64(index + 1) * step
            )
        }
    }

    @Test func aSoundLastsFromItsOnsetToItsLastLoudStep() {
        let levels: [Float] = [0, 20, 20, 20, 20, 20, 20, 20, 0, 0, 0, 0, 0, 0, 0]
        #expect(changes(levels) == [.began, .ended(640..<8 * 640)])
    }

    @Test func aShortPauseDoesNotEndIt() {
        let levels: [Float] = [20, 20, 20, 0, 0, 0, 20, 20, 20] + [Float](repeating: 0, count: 8)
        #expect(changes(levels) == [.began, .ended(0..<9 * 640)])
    }

    @Test func aClickIsDropped() {
        #expect(changes([0, 30, 0, 0, 0, 0, 0, 0, 0, 0]) == [.began, .dropped])
    }

    @Test func aLongSoundIsJudgedInPieces() {
        let found = changes([Float](repeating: 30, count: 160))
        #expect(found.filter { $0 != .began && $0 != .dropped }.count == 2)
    }

    @Test func aVeryQuietSoundIsNone() {
        #expect(changes([20, 20, 20, 20, 20, 20, 20, 20], decibels: -70).isEmpty)
    }
}

@Suite struct VocalPipelineTests {
    /// All sounds classified by ``VoiceModel/vocal``, for one split of a recording with a sound of each fixture.
    private func sounds(_ cut: Cut, _ model: StreamModel? = nil) throws -> [VocalSound] {
        var pipeline = EmotionPipeline(try model ?? VoiceModel.vocal.get())
        let quiet = [Float](repeating: 0, count: 16_000)
        let samples = try Fixtures.speech.flatMap { quiet + (try AudioClip(path: $0.path).samples) } + quiet
        var found: [VocalSound] = []
        for range in cut.ranges(of: samples.count) {
            pipeline.step(samples.span.extracting(range)) { event in
                if case .vocal(let sound) = event { found.append(sound) }
            }
        }
        return found
    }

    @Test func theSameSoundsAreNamedForAnyCut() throws {
        let whole = try sounds(.every(1 << 24))
        #expect(!whole.isEmpty)
        #expect(whole.allSatisfy { $0.startSample < $0.endSample && (0...1).contains($0.probability) })
        for size in [160, 1, 4_097] { #expect(try sounds(.every(size)) == whole) }
    }

    @Test func aKindThatIsNotReportedIsNeverNamed() throws {
        let named = try Set(sounds(.every(1_600)).map { "\($0.kind.word)" })
        let kinds = VocalSound.Kind.allCases.map { "\($0.word)" }
        let model = try VoiceModel.make(
            VoiceSettings(),
            vocal: VocalConfiguration(
                kinds: kinds,
                hiddenCount: 8,
                threshold: 0,
                reported: kinds.filter { !named.contains($0) }
            )
        )
        #expect(!named.isEmpty)
        #expect(try sounds(.every(1_600), model).isEmpty)
    }

    @Test func aModelWithoutTheHeadNamesNone() throws {
        var pipeline = EmotionPipeline(try VoiceModel.model.get())
        var found = 0
        let samples = try AudioClip(path: Fixtures.speech[0].path).samples
        pipeline.step(samples.span) { event in if case .vocal = event { found += 1 } }
        #expect(found == 0)
    }

    @Test(arguments: [
        (VocalConfiguration(kinds: [], hiddenCount: 4, threshold: 0.5), "vocal.kinds"),
        (VocalConfiguration(kinds: ["laughing", "laughing"], hiddenCount: 4, threshold: 0.5), "vocal.kinds"),
        (VocalConfiguration(kinds: ["laughing"], hiddenCount: 0, threshold: 0.5), "vocal.hidden_count"),
        (
            VocalConfiguration(kinds: ["laughing"], hiddenCount: 4, threshold: 0, reported: ["sneezing"]),
            "vocal.reported"
        ),
        (VocalConfiguration(kinds: ["laughing"], hiddenCount: 4, threshold: .nan), "vocal.threshold"),
    ])
    func aSenselessHeadIsRefusedByName(_ vocal: VocalConfiguration, _ words: String) {
        let error = #expect(throws: ModelError.self) {
            var configuration: ModelConfiguration = try ModelFolder(path: ModelFolder.defaultPath)
                .decodeConfiguration()
            configuration.vocal = vocal
            try configuration.validate()
        }
        #expect(error.map { "\($0)".contains(words) } ?? false)
    }
}
