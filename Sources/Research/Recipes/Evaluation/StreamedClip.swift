// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEvents
import EmotionStream
import Foundation
import SpeechFeatures

/// The output of the real streaming path for one whole recording, silence included, in hops, as the daemon
/// hears it and as `undertone analyze` prints it.
struct StreamedClip: Sendable {
    /// The class that was named, or `nil` if the path named none.
    let answer: Int?
    /// The probabilities behind it.
    let probabilities: [Double]
    /// The values of the model's attributes; 0 each where no speech was heard.
    let attributes: [Double]
    /// Speech heard, in seconds.
    let heardSeconds: Double
    /// The first estimate with a label after each of ``StreamedClip/momentsSeconds`` of speech; the final answer
    /// where the clip has less.
    let early: [Int?]

    /// Seconds of speech heard at which early answers are taken.
    static let momentsSeconds = [0.5, 1.0, 1.5, 2.0]

    /// An answer that did not come from the streaming path.
    ///
    /// - Parameter probabilities: one for each class; empty for no label.
    init(probabilities: [Double]) {
        let label = probabilities.indices.max { probabilities[$0] < probabilities[$1] }
        answer = label
        self.probabilities = probabilities
        (attributes, heardSeconds) = ([], 0)
        early = Self.momentsSeconds.map { _ in label }
    }

    /// Streams `samples` through a fresh pipeline.
    ///
    /// - Parameter earlier: what the pipeline processes first, other recordings of the same voice say, each followed by
    ///   a second of silence. Only the estimates of `samples` count.
    init(_ samples: [Float], _ model: StreamModel, after earlier: [[Float]] = []) {
        var pipeline = EmotionPipeline(model)
        let silence = Array(repeating: Float(0), count: model.features.featureSet.spectrum.sampleRate)
        for recording in earlier {
            pipeline.step((recording + silence).span) { _ in }
        }
        var summary = ClipSummary(classCount: model.labels.count, attributeCount: model.attributes.count)
        var early: [Int?] = Array(repeating: nil, count: Self.momentsSeconds.count)
        let take = { (event: EmotionEvent) in
            summary.add(event)
            guard case .estimate(let estimate) = event else { return }
            for (index, moment) in Self.momentsSeconds.enumerated()
            where early[index] == nil && Double(estimate.heardMilliseconds) >= 1000 * moment {
                early[index] = estimate.verdict.label
            }
        }
        pipeline.step(samples.span, take)
        pipeline.finish(take)
        // A model may lack classes, so its labels are not the raw values of the classes.
        let classes = model.labels.map { Emotion(word: $0)?.rawValue }
        func named(_ label: Int?) -> Int? { label.flatMap { classes[$0] } }
        let final = named(summary.verdict.label)
        answer = final
        var probabilities = Emotion.allCases.map { _ in 0.0 }
        for (label, place) in classes.enumerated() {
            if let place { probabilities[place] = Double(summary.probabilities[label]) }
        }
        self.probabilities = probabilities
        attributes = model.attributes.indices.map { Double(summary.attributes[$0]) }
        heardSeconds = Double(summary.heardMilliseconds) / 1000
        self.early = early.map { named($0) ?? final }
    }

    /// Streams recordings through `model` on all processors; the answers are in the order of `clips`.
    ///
    /// - Parameters:
    ///   - earlier: the recordings that come before each clip, one array for each; empty for none.
    ///   - condition: what is done to each clip first, if anything.
    static func stream(
        _ clips: [Clip],
        after earlier: [[Clip]] = [],
        through model: StreamModel,
        in condition: (any ClipCondition)? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws(CorporaError) -> [StreamedClip] {
        var streamed: [StreamedClip] = []
        for start in stride(from: 0, to: clips.count, by: 32) {
            let group = (start..<min(start + 32, clips.count)).map { place in
                (clip: clips[place], earlier: earlier.isEmpty ? [] : earlier[place])
            }
            let results = await withTaskGroup(of: (Int, Result<StreamedClip, CorporaError>).self) { tasks in
                for (index, (clip, earlier)) in group.enumerated() {
                    tasks.addTask { (index, answer(to: clip, after: earlier, in: condition, model)) }
                }
                return await tasks.reduce(into: [(Int, Result<StreamedClip, CorporaError>)]()) {
                    $0.append($1)
                }
            }
            for (_, result) in results.sorted(by: { $0.0 < $1.0 }) { streamed.append(try result.get()) }
            progress(streamed.count)
        }
        return streamed
    }

    private static func answer(
        to clip: Clip,
        after earlier: [Clip],
        in condition: (any ClipCondition)?,
        _ model: StreamModel
    ) -> Result<StreamedClip, CorporaError> {
        let rate = model.features.featureSet.spectrum.sampleRate
        do throws(CorporaError) {
            var before: [[Float]] = []
            for clip in earlier { before.append(try ClipAudio.samples(of: clip, sampleRate: rate)) }
            let samples = try ClipAudio.samples(of: clip, sampleRate: rate)
            let changed = condition?.applied(to: samples, of: clip, sampleRate: rate) ?? samples
            return .success(StreamedClip(changed, model, after: before))
        } catch {
            return .failure(error)
        }
    }
}
