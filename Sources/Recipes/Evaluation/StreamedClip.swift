// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEvents
import EmotionStream
import Foundation
import SpeechFeatures

/// What the true streaming path says about one recording: the whole of it, silence included, in hops, as the daemon
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

    /// Streams `samples` through a fresh pipeline.
    init(_ samples: [Float], _ model: StreamModel) {
        var pipeline = EmotionPipeline(model)
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
        let final = summary.verdict.label
        answer = final
        probabilities = model.labels.indices.map { Double(summary.probabilities[$0]) }
        attributes = model.attributes.indices.map { Double(summary.attributes[$0]) }
        heardSeconds = Double(summary.heardMilliseconds) / 1000
        self.early = early.map { $0 ?? final }
    }

    /// Streams recordings through `model` on all processors; the answers are in the order of `clips`.
    ///
    /// - Parameter noise: what is added to each clip first, if anything.
    static func stream(
        _ clips: [Clip],
        through model: StreamModel,
        in noise: NoiseCondition? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws(CorporaError) -> [StreamedClip] {
        var streamed: [StreamedClip] = []
        for start in stride(from: 0, to: clips.count, by: 32) {
            let group = Array(clips[start..<min(start + 32, clips.count)])
            let results = await withTaskGroup(of: (Int, Result<StreamedClip, CorporaError>).self) { tasks in
                for (index, clip) in group.enumerated() {
                    tasks.addTask { (index, answer(to: clip, in: noise, model)) }
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

    private static func answer(to clip: Clip, in noise: NoiseCondition?, _ model: StreamModel) -> Result<
        StreamedClip, CorporaError
    > {
        let rate = model.features.featureSet.spectrum.sampleRate
        do throws(CorporaError) {
            let samples = try ClipAudio.samples(of: clip, sampleRate: rate)
            return .success(
                StreamedClip(noise?.applied(to: samples, of: clip, sampleRate: rate) ?? samples, model)
            )
        } catch {
            return .failure(error)
        }
    }
}
