// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import TestSupport
import Testing
import Undertone

/// Compares the library `Undertone` with the programs.
@Suite struct LibraryTests {
    private let folder = TemporaryFolder()

    /// True if two numbers are the same on the wire.
    private func isSame(_ value: Double, _ wire: Any?, decimals: Int = 4) -> Bool {
        guard let wire = wire as? Double else { return false }
        return abs(value - wire) <= 0.501 / pow(10, Double(decimals))
    }

    private func areSame(_ values: NamedValues, _ wire: Any?) -> Bool {
        guard let wire = wire as? [String: Double], wire.count == values.count else { return false }
        return values.allSatisfy { isSame(Double($0.value), wire[$0.name]) }
    }

    private func expectSame(_ result: EmotionResult, _ row: [String: Any], _ model: String) {
        #expect(result.label == row["label"] as? String && result.reason?.rawValue == row["why"] as? String)
        if result.label == nil {
            // A row without a label has no probabilities that would spoil averages.
            #expect(row["p"] is NSNull && row["conf"] is NSNull, "\(row)")
        } else {
            #expect(areSame(result.probabilities, row["p"]), "\(model): \(result.probabilities), \(row)")
            #expect(isSame(Double(result.confidence), row["conf"]))
        }
        #expect(isSame(result.speechSeconds, row["speech_s"], decimals: 3))
        #expect(isSame(result.durationSeconds, row["duration_s"], decimals: 3))
        #expect(result.utterances.count == row["utterances"] as? Int)
    }

    /// The fixtures, one of them at 44.1 kHz, and a recording without speech.
    private func recordings() throws -> [String] {
        let clip = try AudioClip(path: Sounds.speech[0])
        let other = SoundFile(samples: clip.samples, sampleRate: 44_100, encoding: .f32)
        return Sounds.speech + [
            try other.write(to: URL(filePath: folder.path), name: "fast.wav"),
            try folder.write(Sounds.wav(Sounds.silence(seconds: 2)), to: "silence.wav"),
        ]
    }

    @Test(arguments: ["default", "free"]) func itGivesTheRowsOfAnalyze(model: String) async throws {
        let files = try recordings()
        let outcome = try await Program.undertone.run(["analyze", "--json", "--model", model] + files)
        let rows = try outcome.objects()
        try #require(rows.count == files.count, "\(outcome.testDescription)")
        let recognizer = try EmotionRecognizer(model == "free" ? .free : .bundled)
        for (file, row) in zip(files, rows) {
            let clip = try AudioClip(path: file)
            expectSame(recognizer.recognize(clip.samples, sampleRate: clip.sampleRate), row, model)
        }
    }

    @Test func itGivesTheEventsOfTheDaemon() async throws {
        let file = try folder.write(Sounds.wav(Sounds.conversation()), to: "conversation.wav")
        let daemon = try await Daemon(device: "file:" + file, options: ["--capture", "subscribed"])
        let client = try daemon.client()
        try client.subscribe(to: ["estimate", "utterance", "vocal"])
        let clip = try AudioClip(path: file)
        var session = try EmotionRecognizer().makeSession(sampleRate: clip.sampleRate)
        var expected: [SpeechEvent] = []
        session.process(clip.samples) { expected.append($0) }
        try #require(expected.count > 40)
        for event in expected { try expectNext(client, event) }
    }

    /// Clients that follow utterances receive the final estimate twice: by itself, and with the end.
    private func expectNext(_ client: SocketClient, _ event: SpeechEvent) throws {
        switch event {
        case .speechStarted(let utterance, let seconds):
            let line = try next(client)
            #expect(line["event"] as? String == "start" && line["utt"] as? Int == utterance, "\(line)")
            #expect(isSame(seconds, line["t"], decimals: 3))
        case .estimate(let estimate):
            expectSame(estimate, try next(client))
        case .speechEnded(let utterance, let seconds):
            let line = try next(client)
            #expect(line["event"] as? String == "end" && line["utt"] as? Int == utterance, "\(line)")
            #expect(isSame(seconds, line["t"], decimals: 3))
        case .vocalSound(let kind, _, let confidence):
            let line = try next(client)
            #expect(
                line["kind"] as? String == kind && isSame(confidence, line["conf"], decimals: 4),
                "\(line)"
            )
        }
    }

    private func next(_ client: SocketClient) throws -> [String: Any] {
        try #require(try client.line(within: 60))
    }

    private func expectSame(_ estimate: EmotionEstimate, _ line: [String: Any]) {
        #expect(estimate.label == line["label"] as? String, "\(estimate), \(line)")
        #expect(estimate.reason?.rawValue == line["why"] as? String, "\(estimate), \(line)")
        let span = line["span"] as? [Double] ?? []
        #expect(span.count == 2 && isSame(estimate.span.lowerBound, span.first, decimals: 3))
        #expect(isSame(estimate.span.upperBound, span.last, decimals: 3))
        let quality = line["quality"] as? [String: Any]
        #expect(isSame(Double(estimate.level), quality?["level_db"], decimals: 1), "\(estimate), \(line)")
        #expect(isSame(Double(estimate.signalToNoise), quality?["snr_db"], decimals: 1))
        #expect(estimate.utterance == line["utt"] as? Int && estimate.isFinal == line["final"] as? Bool)
        guard estimate.utterance != nil else { return }
        #expect(areSame(estimate.probabilities, line["p"]), "\(estimate.probabilities), \(line)")
        #expect(isSame(Double(estimate.confidence), line["conf"]))
        #expect(isSame(estimate.speechSeconds * 1_000, line["heard_ms"], decimals: 0))
    }
}
