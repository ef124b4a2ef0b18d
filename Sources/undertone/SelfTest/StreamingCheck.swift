// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import EmotionEvents
import EmotionStream
import ServiceRuntime
import SpeechFeatures

/// Checks that each stage gives the same results piece by piece as for the whole.
struct StreamingCheck {
    private static let cuts = [1, 97, 159, 160, 161, 1_600]
    private let model: StreamModel

    init(_ model: StreamModel) { self.model = model }

    /// Compares the pipeline's events for several piece sizes of the same audio with those for the whole.
    func cuts(of voice: [Float]) -> Finding {
        let whole = events(voice, pieces: voice.count)
        let looked = "pieces of " + Self.cuts.map(String.init).joined(separator: ", ") + " samples"
        let utterances = whole.count { $0.contains(#""event":"end""#) }
        for size in Self.cuts where events(voice, pieces: size) != whole {
            let seen = "pieces of \(size) samples give other events than the whole"
            return Finding("streaming", at: looked, .fail, seen: seen, remedy: Self.report)
        }
        guard utterances > 0 else {
            let seen = "the same \(whole.count) events, but the model finds no speech in the synthetic voice"
            return Finding("streaming", at: looked, .warn, seen: seen)
        }
        return Finding(
            "streaming",
            at: looked,
            .ok,
            seen: "the same \(whole.count) events as the whole, \(utterances) utterances among them"
        )
    }

    static let report = "this is a fault of the program; please report it with the output of --json"

    private func events(_ voice: [Float], pieces: Int) -> [String] {
        var pipeline = EmotionPipeline(model)
        let lines = EventLine(labels: model.labels, attributes: model.attributes)
        var seen: [String] = []
        for start in stride(from: 0, to: voice.count, by: pieces) {
            let range = start..<min(start + pieces, voice.count)
            pipeline.step(voice.span.extracting(range)) { seen.append(lines.line($0.withoutWallTime)) }
        }
        pipeline.finish { seen.append(lines.line($0.withoutWallTime)) }
        return seen
    }

    /// Compares features and network, frame by frame and at once.
    func network(_ voice: [Float]) -> Finding {
        let looked = "features and network, step against whole"
        let frames = frames(voice)
        guard let whole = try? OnlineFeatures.forward(voice, set: model.features.featureSet) else {
            return Finding(
                "network",
                at: looked,
                .fail,
                seen: "the model's features are invalid",
                status: .model
            )
        }
        let answer = stepped(frames)
        let expected = model.encoder.forward(whole)
        let worst = max(
            difference(frames, whole),
            difference(answer.speech, expected.speechProbabilities),
            difference(answer.classes, expected.classProbabilities)
        )
        let seen =
            "\(answer.speech.count) embeddings differ by at most \(worst.formattedShort)"
        guard worst < 1e-3 else {
            return Finding("network", at: looked, .fail, seen: seen, remedy: Self.report)
        }
        return Finding("network", at: looked, .ok, seen: seen)
    }

    private func frames(_ voice: [Float]) -> [Float] {
        var features = model.features
        features.reset()
        var frames: [Float] = []
        features.step(voice.span) { frame in
            for index in frame.indices { frames.append(frame[index]) }
        }
        return frames
    }

    private func stepped(_ frames: [Float]) -> (speech: [Float], classes: [Float]) {
        let width = model.features.featureCount
        var state = model.encoder.makeState()
        var speech: [Float] = []
        for start in stride(from: 0, to: frames.count, by: width)
        where model.encoder.step(frames.span.extracting(start..<start + width), &state) {
            speech.append(state.speechProbability)
        }
        var classes = [Float](repeating: 0, count: model.labels.count)
        model.encoder.classProbabilities(of: &state, into: &classes)
        return (speech, classes)
    }

    /// The largest difference of two rows of numbers; infinite if they are not equally long.
    private func difference(_ first: [Float], _ second: [Float]) -> Float {
        guard first.count == second.count else { return .infinity }
        return zip(first, second).reduce(0) { worst, pair in
            let difference = abs(pair.0 - pair.1)
            return difference.isNaN ? .infinity : max(worst, difference)
        }
    }
}

extension Float {
    /// `3e-7`: the order of magnitude is what counts.
    fileprivate var formattedShort: String {
        guard isFinite, self > 0 else { return "\(self)" }
        var (digits, exponent) = (Double(self), 0)
        while digits < 1 { (digits, exponent) = (digits * 10, exponent - 1) }
        return exponent == 0 ? tenths(digits) : "\(Int(digits.rounded()))e\(exponent)"
    }
}
