// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing
import Undertone

@Suite struct SessionTests {
    private func recognizer() throws -> EmotionRecognizer { try RecognizerTests.bundled.get() }
    private func speech() throws -> [Float] { try RecognizerTests.samples("angry") }

    @Test(arguments: [16_000, 48_000])
    func eventsDoNotDependOnTheBuffers(rate: Int) throws {
        let samples = try resample(speech(), to: rate)
        var session = try recognizer().makeSession(sampleRate: rate)
        let whole = events(samples, pieces: [samples.indices], &session)
        #expect(whole.contains { $0.hasPrefix("start 1") } && whole.contains { $0.hasPrefix("end 1") })
        for cut in [Cut.every(97), .every(1_024), .every(4_800), .random(seed: 5, limit: 3_000)] {
            var session = try recognizer().makeSession(sampleRate: rate)
            #expect(events(samples, pieces: cut.ranges(of: samples.count), &session) == whole, "\(cut)")
        }
    }

    @Test func anUtteranceEndsWithOneFinalEstimate() throws {
        let samples = try speech()
        var session = try recognizer().makeSession()
        var order: [String] = []
        let note: (SpeechEvent) -> Void = { event in
            switch event {
            case .speechStarted: order.append("started")
            case .speechEnded: order.append("ended")
            case .estimate(let estimate) where estimate.isFinal: order.append("final")
            case .estimate, .vocalSound: break
            }
        }
        session.process(samples, note)
        session.finish(note)
        #expect(order == ["started", "final", "ended"])
        #expect(session.receivedSeconds == Double(samples.count) / 16_000)
    }

    @Test func aResetSessionIsLikeANewOne() throws {
        let samples = try speech()
        var session = try recognizer().makeSession()
        let first = events(samples, pieces: [samples.indices], &session)
        session.reset()
        let second = events(samples, pieces: [samples.indices], &session)
        // Utterances continue to be numbered; everything else restarts.
        #expect(first.count == second.count && session.receivedSeconds == Double(samples.count) / 16_000)
        #expect(first.filter { !$0.contains(" 1 ") } == second.filter { !$0.contains(" 2 ") })
    }

    @Test(arguments: [16_000, 48_000]) func nothingIsAllocatedAfterTheFirstBuffer(rate: Int) throws {
        let samples = try resample(speech(), to: rate)
        var session = try recognizer().makeSession(sampleRate: rate)
        var (estimates, confidence) = (0, Float(0))
        session.process(samples.span.extracting(first: 480)) { _ in }
        let count = allocations {
            for start in stride(from: 480, to: samples.count - 480, by: 480) {
                session.process(samples.span.extracting(start..<start + 480)) {
                    guard case .estimate(let estimate) = $0 else { return }
                    estimates += 1
                    confidence = max(confidence, estimate.probabilities["angry"] ?? 0)
                }
            }
            session.finish { _ in }
            session.reset()
        }
        #expect(estimates > 10 && confidence > 0.3)
        if canCountAllocations { #expect(count == 0) }
    }

    @Test(arguments: [16_000, 44_100]) func nonFiniteSamplesAreSilence(rate: Int) throws {
        let samples = try resample(speech(), to: rate)
        let strange: [Float] = [.nan, .infinity, -.infinity, 1e30, -.greatestFiniteMagnitude, .signalingNaN]
        var (broken, clean) = (samples, samples)
        for (number, index) in stride(from: 100, to: samples.count, by: 701).enumerated() {
            (broken[index], clean[index]) = (strange[number % strange.count], 0)
        }
        var one = try recognizer().makeSession(sampleRate: rate)
        var other = try recognizer().makeSession(sampleRate: rate)
        let heard = events(broken, pieces: [broken.indices], &one)
        #expect(heard == events(clean, pieces: [clean.indices], &other))
        let all = [Float](repeating: .nan, count: 2 * rate)
        #expect(try recognizer().recognize(all, sampleRate: rate).reason == .noSpeech)
    }

    @Test func manyThreadsShareOneRecognizer() async throws {
        let (recognizer, samples) = (try recognizer(), try speech())
        var alone = recognizer.makeSession()
        let expected = events(samples, pieces: [samples.indices], &alone)
        let all = await withTaskGroup(of: [String].self) { group in
            for size in [160, 500, 1_000, 16_000] {
                group.addTask {
                    var session = recognizer.makeSession()
                    return events(samples, pieces: Cut.every(size).ranges(of: samples.count), &session)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(all.count == 4 && all.allSatisfy { $0 == expected })
    }
}
