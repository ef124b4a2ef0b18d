// SPDX-License-Identifier: Apache-2.0
import Corpora
import Glibc
import Recipes
import Training

/// Trains and tests one chunk-level model.
struct ChunkTrainer {
    private let fitting: Fitting
    private let cutter: SentenceCutter
    private let model: ChunkLevelModel<Float>
    private var random: TrainingRandom

    init(
        _ study: ChunkStudy,
        _ variant: ChunkStudy.Variant,
        _ cutter: SentenceCutter,
        inputs: Int,
        seed: UInt64
    ) {
        (fitting, self.cutter) = (study.fitting, cutter)
        random = TrainingRandom(seed: seed)
        let shape = ChunkLevelModel<Float>.Shape(
            variant.encoder,
            variant.aggregation,
            inputs: inputs,
            frames: cutter.shape.frames,
            chunks: cutter.shape.chunks,
            width: study.width,
            outputs: Emotion.allCases.count,
            dropout: study.dropout
        )
        model = ChunkLevelModel(shape, random: &random)
    }

    /// Trains on `training`, each sentence once an epoch.
    mutating func fit(
        _ sentences: Sentences,
        _ training: [Int],
        _ tell: (_ epoch: Int, _ loss: Double) -> Void
    ) {
        let labelled = training.filter { sentences.clips[$0].emotion != nil }
        let optimiser = fitting.optimiser(model.parameters)
        let schedule = fitting.schedule(
            stepsPerEpoch: fitting.batches(labelled, using: &random).count
        )
        for epoch in 1...fitting.epochs {
            let batches = fitting.batches(labelled, using: &random)
            let losses = batches.map { step($0, sentences, optimiser, at: schedule) }
            tell(epoch, losses.reduce(0, +) / Double(max(1, losses.count)))
        }
    }

    private mutating func step(
        _ batch: [Int],
        _ sentences: Sentences,
        _ optimiser: AdamW<Float>,
        at schedule: Schedule
    ) -> Double {
        let chunks = batch.flatMap { sentence in
            let copies = sentences.frames[sentence]
            let copy =
                copies.count == 1 || random.unit() < fitting.cleanShare
                ? 0 : Int.random(in: 1..<copies.count, using: &random)
            return cutter(copies[copy], width: sentences.width)
        }
        let logits = model.forward(chunks, sentences: batch.count, random: &random)
        let truths = batch.compactMap { sentences.clips[$0].emotion?.rawValue }
        var gradient = logits
        let loss = Losses.crossEntropy(
            logits: logits,
            targets: fitting.targets(truths, classes: model.shape.outputs),
            classWeights: [Float](repeating: 1, count: model.shape.outputs),
            gradient: &gradient
        )
        model.parameters.clearGradients()
        model.backward(gradient, sentences: batch.count)
        _ = optimiser.step(learningRate: schedule.learningRate(at: optimiser.stepCount))
        return Double(loss)
    }

    /// The answers for `test`, also at other durations, and the cost of the model.
    func judge(_ sentences: Sentences, _ test: [Int], _ durations: [Double]) -> Judgement {
        var judgement = Judgement()
        for sentence in test {
            judgement.add(
                sentences.clips[sentence],
                answer: answer(sentences.frames[sentence][0], sentences.width)
            )
        }
        for duration in durations {
            var other = Judgement()
            for sentence in test {
                let frames = heard(sentence, for: duration, sentences, among: test)
                other.add(sentences.clips[sentence], answer: answer(frames, sentences.width))
            }
            judgement.figures["UAR at \(Int(duration * 100)) %"] = other.recall
        }
        judgement.figures["weights"] = Double(model.parameters.count)
        judgement.figures["milliseconds"] = milliseconds(sentences, test)
        return judgement
    }

    private func answer(_ frames: [Float], _ width: Int) -> Int {
        let logits = model.forward(cutter(frames, width: width), sentences: 1)
        return logits.indices.max { logits[$0] < logits[$1] } ?? 0
    }

    /// The beginning of a sentence, or the sentence followed by as many others of its speaker and emotion as needed, in the
    /// order of the list, which wraps around.
    private func heard(_ sentence: Int, for duration: Double, _ sentences: Sentences, among test: [Int])
        -> [Float]
    {
        let own = sentences.frames[sentence][0]
        let wanted = Int(duration * Double(own.count / sentences.width)) * sentences.width
        guard wanted > own.count else { return Array(own.prefix(max(sentences.width, wanted))) }
        let clip = sentences.clips[sentence]
        let alike = test.filter {
            sentences.clips[$0].speaker == clip.speaker && sentences.clips[$0].emotion == clip.emotion
        }
        let next = alike.first { $0 > sentence } ?? alike.first ?? sentence
        return own + sentences.frames[next][0]
    }

    /// CPU time of one sentence, the minimum of several runs.
    private func milliseconds(_ sentences: Sentences, _ test: [Int]) -> Double {
        test.prefix(50).map { sentence in
            let start = clock()
            _ = answer(sentences.frames[sentence][0], sentences.width)
            return 1000 * Double(clock() - start) / Double(CLOCKS_PER_SEC)
        }.min() ?? 0
    }
}
