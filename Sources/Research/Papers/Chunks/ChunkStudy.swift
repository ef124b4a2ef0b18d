// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import Training

/// Compares the chunk-level models with each other and with whole sentences: `configs/papers/chunks.yaml`.
struct ChunkStudy: Study {
    /// The part of a sentence that a model gets.
    enum Cut: String, Codable {
        /// Dynamic chunks.
        case chunks
        /// The whole sentence as one chunk, padded with zeros to the longest sentence.
        case padded
        /// Its middle as one chunk, padded with zeros if it is shorter.
        case cropped
    }

    struct Variant: Codable, StudyVariant {
        let name: String
        let against: String?
        let encoder: ChunkLevelModel<Float>.Encoder
        let aggregation: ChunkLevelModel<Float>.Aggregation
        let cut: Cut
    }

    let system: String
    let recipe: String
    let seeds: [UInt64]
    let frames: SentenceFrames
    let chunks: Chunking
    /// Seconds that a cropped sentence keeps.
    let cropSeconds: Double
    let width: Int
    let dropout: Double
    let fitting: Fitting
    /// Shares of their duration at which the test sentences are also tested; 2 joins two sentences of one speaker
    /// and emotion.
    let durations: [Double]
    let variants: [Variant]

    var sources: StudySources { StudySources() }

    func run(in context: StudyContext) async throws -> [StudyTable] {
        if let problem = frames.problem ?? fitting.problem { throw RecipeError.data(problem: problem) }
        let corpus = try JudgedCorpus(recipe: recipe, in: context)
        let sentences = try await corpus.sentences(frames, context)
        let results = try await context.results(of: variants, seeds: seeds, folds: corpus.folds.foldCount) {
            judge($0, sentences, of: corpus, in: context)
        }
        return [table(results + (try await corpus.baselines(context)), sentences, context)]
    }

    private func judge(
        _ fold: StudyFold<Variant>,
        _ raw: Sentences,
        of corpus: JudgedCorpus,
        in context: StudyContext
    ) -> Judgement {
        let training =
            corpus.indices(.training, fold.number, in: raw)
            + corpus.indices(.development, fold.number, in: raw)
        let sentences = raw.normalised(by: raw.moments(of: training))
        let cutter = cutter(fold.variant.cut, context)
        var trainer = ChunkTrainer(self, fold.variant, cutter, inputs: raw.width, seed: fold.seed)
        trainer.fit(sentences, training) { epoch, loss in
            context.tell(
                .step(part: fold.name, stage: "epochs", done: epoch, of: fitting.epochs, loss: loss)
            )
        }
        return trainer.judge(sentences, corpus.indices(.test, fold.number, in: raw), durations)
    }

    /// Settings for cutting sentences; frames are the study's own.
    func cutter(_ cut: Cut, _ context: StudyContext) -> SentenceCutter {
        let rate = context.hopsPerSecond / Double(frames.hopsPerFrame)
        switch cut {
        case .chunks: return .chunks(chunks.chunks(of: frames, context))
        case .padded: return .whole(length: Int(chunks.longestSeconds * rate))
        case .cropped: return .whole(length: Int(cropSeconds * rate))
        }
    }

    private func table(_ results: [VariantResult], _ sentences: Sentences, _ context: StudyContext)
        -> StudyTable
    {
        let rate = context.hopsPerSecond / Double(frames.hopsPerFrame)
        let window = Int(chunks.windowSeconds * rate)
        let short = sentences.frames.count { $0[0].count / sentences.width < window }
        let lengths = durations.map { "UAR at \(Int($0 * 100)) %" }
        return StudyTable(
            title: "Chunk-level models",
            columns: VariantResult.columns + ["weights", "ms a sentence"] + lengths,
            rows: results.map { result in
                result.cells(among: results)
                    + ["weights", "milliseconds"].map { figureText(result.folds.first?.figures[$0]) }
                    + lengths.map { result.spread(of: $0) }
            },
            notes: [
                VariantResult.note,
                "\(short) of \(sentences.frames.count) sentences are shorter than a chunk and were reflected.",
            ]
        )
    }

    private func figureText(_ value: Double?) -> String {
        value.map { $0 >= 100 ? String(Int($0)) : String(format: "%.2f", $0) } ?? ""
    }
}

/// The input of a model for a sentence: always the same number of chunks of the same number of frames.
enum SentenceCutter {
    case chunks(DynamicChunks)
    /// The middle of the sentence, or all of it padded with zeros.
    case whole(length: Int)

    var shape: (chunks: Int, frames: Int) {
        switch self {
        case .chunks(let chunks): (chunks.count, chunks.length)
        case .whole(let length): (1, length)
        }
    }

    /// `[chunks, frames, width]`.
    func callAsFunction(_ frames: [Float], width: Int) -> [Float] {
        switch self {
        case .chunks(let chunks): return chunks.cut(frames, width: width)
        case .whole(let length):
            let count = frames.count / width
            let first = max(0, (count - length) / 2)
            let kept = frames[first * width..<min(count, first + length) * width]
            return kept + [Float](repeating: 0, count: length * width - kept.count)
        }
    }
}
