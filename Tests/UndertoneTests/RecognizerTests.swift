// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import EmotionEvents
import Foundation
import ModelBundle
import TestSupport
import Testing
import Undertone

@Suite struct RecognizerTests {
    static let bundled: Result<EmotionRecognizer, any Error> = Result { try EmotionRecognizer() }

    static func clip(_ name: String) throws -> AudioClip {
        try AudioClip(path: Fixtures.url("speech/\(name).opus").path)
    }

    static func samples(_ name: String) throws -> [Float] { try clip(name).samples }

    @Test func fiveLinesOfCodeRecogniseTheEmotion() throws {
        let recognizer = try Self.bundled.get()
        // The third recording, a happy one, has two labels with nearly the same probability.
        for name in ["angry", "sad"] {
            let clip = try Self.clip(name)
            let result = recognizer.recognize(clip.samples, sampleRate: clip.sampleRate)
            #expect(result.label == name && result.reason == nil)
            #expect(result.utterances.count == 1 && result.utterances[0].isFinal)
            #expect(result.probabilities[name] == result.confidence && result.confidence > 0.3)
            #expect(abs(result.probabilities.reduce(0) { $0 + $1.value } - 1) < 1e-4)
            #expect("\(result)".hasPrefix(name) && "\(result.utterances[0])".hasPrefix(name))
        }
    }

    @Test func silenceHasNoLabelAndAReason() throws {
        let result = try Self.bundled.get().recognize(
            [Float](repeating: 0, count: 32_000),
            sampleRate: 16_000
        )
        #expect(result.label == nil && result.reason == .noSpeech && result.confidence == 0)
        #expect(result.durationSeconds == 2 && result.utterances.isEmpty)
    }

    @Test func noSamplesAreNoError() throws {
        let result = try Self.bundled.get().recognize([], sampleRate: 44_100)
        #expect(result.reason == .noSpeech && result.durationSeconds == 0)
    }

    @Test(arguments: [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
    func anyRateGivesTheSameLabel(rate: Int) throws {
        let clip = try Self.clip("angry")
        let result = try Self.bundled.get().recognize(resample(clip.samples, to: rate), sampleRate: rate)
        let expected = Double(clip.samples.count) / 16_000
        #expect(abs(result.durationSeconds - expected) < 0.01)
        // At 8 kHz little of the voice is left.
        if rate > 8_000 { #expect(result.label == "angry") }
    }

    @Test(arguments: [Int.min, -1, 0, 7_999, 192_001, Int.max])
    func aRateOutOfRangeIsReportedAsAReason(rate: Int) throws {
        let recognizer = try Self.bundled.get()
        let result = recognizer.recognize([0.5, -0.5], sampleRate: rate)
        #expect(result.label == nil && result.reason == .unsupportedSampleRate)
        var session = recognizer.makeSession(sampleRate: rate)
        var reasons: [Undertone.NoLabelReason?] = []
        session.process([0.5]) { if case .estimate(let estimate) = $0 { reasons.append(estimate.reason) } }
        session.finish { _ in }
        #expect(reasons == [.unsupportedSampleRate])
    }

    @Test func theFreeModelAndAFolderCanBeLoaded() throws {
        let free = try EmotionRecognizer(.free)
        #expect(free.labels.count == 6)
        let folder = try EmotionRecognizer(.folder(ModelFolder.defaultPath))
        #expect(try folder.labels == Self.bundled.get().labels && folder.attributes.isEmpty)
        #expect(try folder.modelIdentifier == Self.bundled.get().modelIdentifier)
    }

    @Test(arguments: ["/nowhere/model", "free", ""])
    func aFolderWithoutAModelIsRefusedInASentence(path: String) {
        let error = #expect(throws: RecognizerError.self) { try EmotionRecognizer(.folder(path)) }
        #expect(error?.description.contains("cannot be read") == true, "\(error?.description ?? "")")
    }

    @Test func reasonsAreTheWordsOfTheProtocol() {
        let words = EmotionEvents.NoLabelReason.allCases.map { "\($0.word)" }
        let own = Undertone.NoLabelReason.allCases.filter { $0 != .unsupportedSampleRate }
        #expect(Set(own.map(\.rawValue)) == Set(words))
    }
}
