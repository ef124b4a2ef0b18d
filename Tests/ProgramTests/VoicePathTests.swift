// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

extension LiveTests {
    /// The same speech through four inputs: file, stdin, PulseAudio, and ALSA through its PulseAudio plugin.
    @Suite struct VoicePathTests {
        /// Times and estimate of an utterance; times are relative to the beginning of the first one.
        struct Heard: Equatable {
            let label: String
            let probabilities: [String: Double]
            let start: Double
            let end: Double

            static func all(_ events: [[String: Any]]) throws -> [Heard] {
                let finals = events.compactMap { event -> [String: Any]? in
                    event["event"] as? String == "end" ? event["estimate"] as? [String: Any] : nil
                }
                let spans = try finals.map { try #require($0["span"] as? [Double]) }
                return zip(finals, spans).map { final, span in
                    Heard(
                        label: final["label"] as? String ?? final["why"] as? String ?? "",
                        probabilities: final["p"] as? [String: Double] ?? [:],
                        start: span[0] - spans[0][0],
                        end: span[1] - spans[0][0]
                    )
                }
            }
        }

        @Test func everyInputGivesTheSame() async throws {
            let folder = TemporaryFolder()
            // Not the second recording: the model is undecided there, and a sound server's resampling moves it by .15.
            let speech = try Sounds.conversation([0, 2, 0].map { Sounds.speech[$0] })
            let model = try modelWithoutVoices(in: folder)
            let file = try folder.write(Sounds.wav(speech), to: "conversation.wav")
            let fromFile = try Heard.all(
                try await Program.undertone.run(["listen", "--json", "--model", model, file]).objects()
            )
            let stdin = try await Program.undertone.run(
                ["listen", "--json", "--model", model, "-"],
                input: speech
            )
            #expect(try Heard.all(stdin.objects()) == fromFile)
            #expect(fromFile.count >= 3, "\(fromFile)")

            let (pulse, alsa) = try await hearLive(speech, model, utterances: fromFile.count)
            expectSame(pulse, fromFile)
            expectSame(alsa, fromFile)
        }

        /// The bundled model without voice baselines: these would carry a difference in one utterance into the next, and the
        /// test would measure the model and not the input.
        private func modelWithoutVoices(in folder: TemporaryFolder) throws -> String {
            let shipped = Fixtures.root.appending(path: "Sources/ModelBundle/Resources/default").path
            let copy = folder("model")
            try FileManager.default.copyItem(atPath: shipped, toPath: copy)
            let file = URL(filePath: copy + "/config.json")
            var fields = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
            )
            fields["stream"] = ["voice_baseline": false]
            try JSONSerialization.data(withJSONObject: fields).write(to: file)
            return copy
        }

        /// The daemon captures from PulseAudio while `undertone listen` captures from ALSA.
        private func hearLive(_ speech: Data, _ model: String, utterances: Int) async throws -> (
            pulse: [Heard], alsa: [Heard]
        ) {
            let server = try SoundServer()
            defer { server.stop() }
            let daemon = try await Daemon(
                device: "pulse:" + SoundServer.sourceName,
                options: ["--model", model],
                environment: server.environment
            )
            let listen = try Program.undertone.start(
                ["listen", "--json", "--model", model, "--device", "alsa:undertone"],
                environment: server.environment
            )
            let client = try daemon.client()
            try client.subscribe(to: ["utterance", "overrun"])
            #expect(
                try await eventually { listen.outputSoFar.contains(#""capture":"open""#) },
                "\(listen.messagesSoFar)"
            )

            try server.feed(samples(speech))
            let seconds = Double(speech.count) / 32_000 + 20
            while try Heard.all(client.received).count < utterances {
                _ = try client.next("utterance", within: seconds)
            }
            #expect(
                try await eventually {
                    listen.outputSoFar.components(separatedBy: #""event":"end""#).count > utterances
                }
            )
            listen.send(SIGINT)
            let alsa = await listen.outcome()
            #expect(alsa.status == 130, "\(alsa.testDescription)")
            let status = try await Program.undertone.run(["status", "--json", "--socket", daemon.socketPath])
            try expectNothingLost(try #require(try status.objects().first))
            #expect(await daemon.terminate().status == 0)
            return (try Heard.all(client.received), try Heard.all(alsa.objects()))
        }

        private func samples(_ speech: Data) -> [Float] {
            speech.withUnsafeBytes { $0.bindMemory(to: Int16.self).map { Float($0) / 32_768 } }
        }

        private func expectSame(
            _ live: [Heard],
            _ file: [Heard],
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(live.count == file.count, "\(live) \(file)", sourceLocation: sourceLocation)
            for (one, other) in zip(live, file) {
                // A sound server resamples, which may change the label where two are almost equally likely.
                for (label, probability) in other.probabilities {
                    let heard = one.probabilities[label] ?? 0
                    #expect(abs(heard - probability) < 0.1, "\(live) \(file)", sourceLocation: sourceLocation)
                }
                #expect(
                    abs(one.start - other.start) <= 0.25,
                    "\(live) \(file)",
                    sourceLocation: sourceLocation
                )
                #expect(abs(one.end - other.end) <= 0.25, "\(live) \(file)", sourceLocation: sourceLocation)
            }
        }

        /// Every captured sample is consumed, reported as lost, or still in the ring.
        private func expectNothingLost(_ status: [String: Any]) throws {
            let captured = try #require(status["captured"] as? Int)
            let consumed = try #require(status["consumed"] as? Int)
            let lost = try #require(status["lost"] as? Int)
            #expect(lost == 0 && consumed <= captured && captured - consumed < 16_000, "\(status)")
        }
    }
}
