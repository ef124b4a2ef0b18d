// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import EmotionEvents
import EmotionStream
import Foundation
import ModelBundle
import SpeechFeatures
import TestSupport
import Testing

/// The whole path from samples to events, with the bundled model and real speech.
@Suite struct PipelineTests {
    static let model: Result<StreamModel, any Error> = Result {
        try StreamModel(ModelFolder(path: ModelFolder.defaultPath))
    }

    /// Text of an event without its time of day.
    private func words(_ event: EmotionEvent, _ labels: [String]) -> String {
        EventLine(labels: labels).line(event.withoutWallTime)
    }

    private func events(_ samples: [Float], cut: Cut, levels: Bool = false) throws -> [String] {
        var pipeline = EmotionPipeline(try Self.model.get(), reportsLevels: levels)
        let labels = pipeline.labels
        var seen: [String] = []
        for range in cut.ranges(of: samples.count) {
            pipeline.step(samples.span.extracting(range)) { seen.append(words($0, labels)) }
        }
        pipeline.finish { seen.append(words($0, labels)) }
        return seen
    }

    private func speech(_ url: URL) throws -> [Float] {
        let clip = try AudioClip(path: url.path)
        try #require(clip.sampleRate == audioClockRate)
        return clip.samples
    }

    @Test func theSameSpeechInAnyCutGivesTheSameEvents() throws {
        let samples = try speech(Fixtures.speech[0])
        let whole = try events(samples, cut: Cut.every(samples.count), levels: true)
        #expect(whole.contains { $0.contains("\"utterance\"") })
        for cut in Cut.all(hop: 160) {
            #expect(try events(samples, cut: cut, levels: true) == whole, "\(cut)")
        }
    }

    @Test func aBreakWithinAHopLeavesTheClockWhereItIs() throws {
        var pipeline = EmotionPipeline(try Self.model.get())
        let samples = [Float](repeating: 0, count: 16_000)
        for count in [1, 159, 160, 161, 1_000, 15_999] {
            let before = pipeline.position
            pipeline.step(samples.span.extracting(first: count)) { _ in }
            pipeline.breakOff { _ in }
            #expect(pipeline.position == before + Int64(count))
        }
    }

    @Test func theLevelIsThatOfTheSoundTwentyTimesASecond() throws {
        // A quarter of full scale; the mean square of a sine is half of its peak's.
        let tone = (0..<32_000).map { 0.25 * sin(2 * Float.pi * 500 * Float($0) / 16_000) }
        var levels: [SoundLevel] = []
        var pipeline = EmotionPipeline(try Self.model.get(), reportsLevels: true)
        pipeline.step(tone.span) { if case .level(let level) = $0 { levels.append(level) } }
        let square = (0..<800).map { Float($0 / 16 % 2 * 2 - 1) }
        pipeline.step(square.span) { if case .level(let level) = $0 { levels.append(level) } }
        #expect(levels.map(\.sample) == (1...41).map { 800 * $0 })
        for level in levels.dropLast() {
            #expect(abs(level.peakDecibels + 12.04) < 0.01 && abs(level.levelDecibels + 15.05) < 0.1)
            #expect(!level.isClipping && (0...1).contains(level.speechProbability))
        }
        #expect(levels.last?.isClipping == true && levels.last?.levelDecibels ?? -120 > -0.5)
    }

    @Test(arguments: Fixtures.speech)
    func eachRecordingIsOneUtteranceWithAFinalEstimate(_ url: URL) throws {
        var pipeline = EmotionPipeline(try Self.model.get())
        var summary = ClipSummary(classCount: pipeline.labels.count)
        let samples = try speech(url)
        pipeline.step(samples.span) { summary.add($0) }
        pipeline.finish { summary.add($0) }
        #expect(summary.utterances.count == 1)
        #expect((800...4000).contains(summary.heardMilliseconds))
        #expect(summary.utterances.allSatisfy { $0.isFinal })
    }

    @Test func soundBelowTheMinimumLevelIsNotSpeech() throws {
        let model = try Self.model.get()
        var settings = model.settings
        settings.minimumLevelDecibels = -40
        for (gain, utterances) in [(Float(1), 1), (0.01, 0)] {
            var pipeline = EmotionPipeline(model, settings: settings)
            var summary = ClipSummary(classCount: pipeline.labels.count)
            let samples = try speech(Fixtures.speech[0]).map { $0 * gain }
            pipeline.step(samples.span) { summary.add($0) }
            pipeline.finish { summary.add($0) }
            #expect(summary.utterances.count == utterances, "gain \(gain)")
        }
    }

    @Test func silenceNamesNoLabelAndNoUtterance() throws {
        let silent = try events([Float](repeating: 0, count: 80_000), cut: .every(160))
        #expect(silent.count == 20, "one estimate each 250 ms of 5 s")
        #expect(silent.allSatisfy { $0.contains("\"label\":null") })
        #expect(silent.dropFirst(2).allSatisfy { $0.contains("\"why\":\"no_speech\"") })
    }

    @Test func overdrivenSpeechIsCalledClippingAndNotAnEmotion() throws {
        let loud = try speech(Fixtures.speech[0]).map { max(-1, min(1, $0 * 60)) }
        let final = try events(loud, cut: .every(1600)).last { $0.contains("\"event\":\"end\"") }
        #expect(try #require(final).contains("\"why\":\"clipping\""))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30])
    func invalidSamplesDoNoHarm(_ bad: Float) throws {
        var samples = try speech(Fixtures.speech[1])
        for index in stride(from: 20_000, to: 22_000, by: 7) { samples[index] = bad }
        let lines = try events(samples, cut: .every(512))
        for line in lines {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
        let after = try events(samples + speech(Fixtures.speech[1]), cut: .every(512))
        #expect(after.contains { $0.contains("\"event\":\"end\"") && !$0.contains("null") }, "it recovers")
    }

    private func final(_ samples: [Float]) throws -> Estimate? {
        var pipeline = EmotionPipeline(try Self.model.get())
        var summary = ClipSummary(classCount: pipeline.labels.count)
        pipeline.step(samples.span) { summary.add($0) }
        pipeline.finish { summary.add($0) }
        return summary.utterances.max { $0.heardMilliseconds < $1.heardMilliseconds }
    }

    private static let hasHighPass = (try? model.get())?.features.featureSet.highPass != nil

    @Test(.enabled(if: hasHighPass), arguments: Fixtures.speech, Undertow.allCases)
    func lowFrequenciesUnderTheVoiceChangeNoLabel(_ url: URL, _ undertow: Undertow) throws {
        let samples = try speech(url)
        let clean = try #require(try final(samples))
        let with = try #require(try final(undertow.added(to: samples)))
        #expect(with.verdict == clean.verdict)
        #expect(with.confidence > clean.confidence - 0.05)
        #expect(abs(with.quality.signalToNoiseDecibels - clean.quality.signalToNoiseDecibels) < 3)
    }

    @Test func lostSamplesMoveTheClock() throws {
        var pipeline = EmotionPipeline(try Self.model.get())
        pipeline.skip(lostSamples: 16_000)
        #expect(pipeline.position == 16_000)
        pipeline.step([Float](repeating: 0, count: 1600).span) { _ in }
        #expect(pipeline.position == 17_600)
    }

    @Test func resetGivesTheAnswersOfAFreshPipeline() throws {
        let samples = try speech(Fixtures.speech[2])
        var pipeline = EmotionPipeline(try Self.model.get())
        func finals() -> [Float] {
            var found: [Float] = []
            let take: (EmotionEvent) -> Void = {
                if case .utteranceEnded(_, _, let final) = $0 { found.append(final.confidence) }
            }
            pipeline.step(samples.span, take)
            pipeline.finish(take)
            return found
        }
        let first = finals()
        pipeline.reset()
        #expect(finals() == first && !first.isEmpty)
    }

    @Test(.enabled(if: canCountAllocations)) func aStepAllocatesNothing() throws {
        let samples = try speech(Fixtures.speech[0])
        var pipeline = EmotionPipeline(try Self.model.get(), reportsLevels: true)
        var count = 0
        pipeline.step(samples.span) { _ in count += 1 }
        let made = allocations { pipeline.step(samples.span) { _ in count += 1 } }
        #expect(made == 0)
        #expect(count > 0)
    }
}
