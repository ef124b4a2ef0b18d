// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing
import Undertone

@Suite struct SpeechEventsTests {
    private struct Broken: Error, Equatable {}

    @Test func aStreamOfBuffersGivesTheEventsOfASession() async throws {
        let recognizer = try RecognizerTests.bundled.get()
        let samples = try RecognizerTests.samples("sad")
        var session = recognizer.makeSession()
        let expected = events(samples, pieces: [samples.indices], &session)
        let buffers = AsyncStream { continuation in
            for range in Cut.every(1_600).ranges(of: samples.count) {
                continuation.yield(Array(samples[range]))
            }
            continuation.finish()
        }
        var seen: [String] = []
        for await event in recognizer.events(in: buffers) { seen.append(words(event)) }
        #expect(seen == expected)
    }

    @Test func anErrorOfTheBuffersIsPassedOn() async throws {
        let recognizer = try RecognizerTests.bundled.get()
        let buffers = AsyncThrowingStream { continuation in
            continuation.yield([Float](repeating: 0, count: 16_000))
            continuation.finish(throwing: Broken())
        }
        var count = 0
        await #expect(throws: Broken()) {
            for try await _ in recognizer.events(in: buffers) { count += 1 }
        }
        #expect(count == 4)
    }
}
