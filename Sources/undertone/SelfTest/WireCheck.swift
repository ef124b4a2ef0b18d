// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import EventSocket

/// Checks that the socket delivers the lines that the whole voice gives at once, and that none is missing.
struct WireCheck {
    private let wire: WireRun.Result
    private let model: StreamModel
    private let voice: [Float]

    init(_ wire: WireRun.Result, _ model: StreamModel, _ voice: [Float]) {
        (self.wire, self.model, self.voice) = (wire, model, voice)
    }

    var findings: [Finding] { [losses, lines] }

    private var losses: Finding {
        let looked = "ring, features, encoder, stream, socket"
        let numbers = wire.messages.compactMap { $0["n"]?.integer }
        let isComplete = numbers == Array(1...max(1, numbers.count))
        let isHeard = wire.consumedSamples == Int64(voice.count) && wire.lostSamples == 0
        let seen =
            "\(wire.consumedSamples) of \(voice.count) samples analysed, \(wire.lostSamples) lost; "
            + "\(numbers.count) messages, " + (isComplete ? "none missing" : "some missing")
        guard isComplete, isHeard else {
            let remedy = "the machine was too busy; see 'speed', and try again"
            return Finding("losses", at: looked, .fail, seen: seen, remedy: remedy)
        }
        return Finding("losses", at: looked, .ok, seen: seen)
    }

    private var lines: Finding {
        let looked = "lines at the client, compared with the whole voice at once"
        let expected = expected
        let seen = wire.messages.filter { Self.kinds.contains($0.type) }.map { Self.essence($0.fields) }
        for (index, pair) in zip(seen, expected).enumerated() where pair.0 != pair.1 {
            let found = "line \(index + 1) of \(expected.count) differs"
            return Finding("wire", at: looked, .fail, seen: found, remedy: StreamingCheck.report)
        }
        guard seen.count == expected.count else {
            let found = "\(seen.count) lines instead of \(expected.count)"
            return Finding("wire", at: looked, .fail, seen: found, remedy: StreamingCheck.report)
        }
        return Finding("wire", at: looked, .ok, seen: "all \(seen.count) lines are the same")
    }

    private static let kinds: Set<String> = ["estimate", "utterance", "vad"]

    /// A message without the fields that differ from run to run.
    private static func essence(_ message: JSONValue) -> JSONValue {
        guard let members = message.object else { return message }
        let passing: Set<String> = ["wall", "lag_ms", "sub", "n"]
        return .object(members.filter { !passing.contains($0.key) }.mapValues(essence))
    }

    /// Lines of the same voice and pipeline without threads, ring or socket.
    private var expected: [JSONValue] {
        var pipeline = EmotionPipeline(model, settings: wire.settings)
        let lines = EventLine(labels: model.labels, attributes: model.attributes)
        var expected: [JSONValue] = []
        func note(_ event: EmotionEvent) {
            // As on the socket, a final estimate is also an event of its own.
            if case .utteranceEnded(_, _, let final) = event { note(.estimate(final)) }
            let bytes = Array(lines.line(event).utf8)
            if let value = try? JSONValue(parsing: bytes, limits: JSONLimits(depth: 16)) {
                expected.append(Self.essence(value))
            }
        }
        pipeline.step(voice.span) { note($0) }
        pipeline.finish { note($0) }
        return expected
    }
}
