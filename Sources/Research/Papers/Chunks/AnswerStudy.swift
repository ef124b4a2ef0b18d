// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionEncoder
import Foundation
import ModelBundle
import NeuralLayers
import Recipes

/// Tests whether chunks improve an utterance's final estimate (`configs/papers/answers.yaml`). Runs the networks of a
/// finished run of the trainer on the test speakers of their folds, in several ways; trains nothing.
struct AnswerStudy: Study {
    /// The ways in which the embeddings of an utterance become probabilities.
    enum Way: String, Codable, CaseIterable {
        /// Pooled over the whole utterance, as in the daemon.
        case whole = "whole utterance, as the daemon"
        /// The mean of the probabilities of dynamic chunks.
        case dynamicChunks = "mean over dynamic chunks"
        /// The mean of the probabilities of chunks at a fixed hop, which a stream could have.
        case fixedChunks = "mean over chunks at a fixed hop"
    }

    let system: String
    let recipe: String
    /// Folder of the run.
    let run: String
    let chunks: Chunking
    /// Seconds from one fixed chunk to the next.
    let hopSeconds: Double

    var sources: StudySources { StudySources(run: run) }

    func run(in context: StudyContext) async throws -> [StudyTable] {
        guard hopSeconds > 0, chunks.windowSeconds > 0 else {
            throw RecipeError.data(problem: "hopSeconds and chunks.windowSeconds must be above 0")
        }
        let corpus = try JudgedCorpus(recipe: recipe, in: context)
        let name = corpus.recipe.evaluation?.corpus ?? ""
        let set = try await corpus.library.speech(name, isLabelled: true, tell: context.tell)
        var folds: [Way: [Judgement]] = [:]
        for fold in 0..<corpus.folds.foldCount {
            let folder = context.file(run).appending(path: "fold-\(fold)/model")
            guard FileManager.default.fileExists(atPath: folder.path) else {
                throw RecipeError.run(
                    path: context.file(run).path,
                    problem:
                        "its fold \(fold) is not trained; run undertone-train train with its recipe first"
                )
            }
            let encoder = try EmotionEncoder(ModelFolder(path: folder.path))
            let judged = try await context.folder.result("fold \(fold)") {
                judge(encoder, set, set.indices(of: corpus.folds.speakers(.test, in: fold)), in: context)
            }
            for (way, judgement) in judged { folds[way, default: []].append(judgement) }
        }
        let results = Way.allCases.map { way in
            VariantResult(name: way.rawValue, against: nil, folds: folds[way] ?? [])
        }
        return [
            StudyTable(
                title: "The final estimate of an utterance",
                columns: VariantResult.columns,
                rows: results.map { $0.cells(among: results) },
                notes: [VariantResult.note, "From the first to the last embedding that is speech."]
            )
        ]
    }

    private func judge(
        _ encoder: EmotionEncoder,
        _ set: ClipSet,
        _ test: [Int],
        in context: StudyContext
    ) -> [Way: Judgement] {
        let rate = context.hopsPerSecond / Double(encoder.geometry.stride)
        let dynamic = DynamicChunks(
            longestSeconds: chunks.longestSeconds,
            windowSeconds: chunks.windowSeconds,
            framesPerSecond: rate,
            scale: chunks.scale
        )
        let hop = max(1, Int(hopSeconds * rate))
        var judgements: [Way: Judgement] = [:]
        for clip in test {
            let utterance = Utterance(encoder.forward(set.frames(ofClip: clip, copy: 0).features), encoder)
            let whole = [Array(0..<utterance.count)]
            let last = max(0, utterance.count - dynamic.length)
            let fixed = stride(from: 0, through: last, by: hop).map {
                Array($0..<min(utterance.count, $0 + dynamic.length))
            }
            let places = dynamic.places(frames: utterance.count)
            let chunked = stride(from: 0, to: places.count, by: dynamic.length).map {
                Array(places[$0..<$0 + dynamic.length])
            }
            for (way, chunks) in [(Way.whole, whole), (.dynamicChunks, chunked), (.fixedChunks, fixed)] {
                let answer = utterance.answer(chunks)
                judgements[way, default: Judgement()].add(set.clips[clip], answer: answer)
            }
        }
        return judgements
    }
}

/// The embeddings from the first to the last that is speech.
private struct Utterance {
    private let encoder: EmotionEncoder
    private let embeddings: [Float]
    private let frames: [Float]
    private let speech: [Float]

    init(_ sequence: EmotionEncoder.EncodedSequence, _ encoder: EmotionEncoder) {
        let marks = sequence.speechProbabilities
        let first = marks.firstIndex { $0 > 0.5 } ?? 0
        let end = (marks.lastIndex { $0 > 0.5 } ?? marks.count - 1) + 1
        let width = sequence.embeddings.count / max(1, marks.count)
        self.encoder = encoder
        embeddings = Array(sequence.embeddings[first * width..<end * width])
        let frameWidth = sequence.frames.count / max(1, marks.count)
        frames = Array(sequence.frames[first * frameWidth..<end * frameWidth])
        speech = Array(marks[first..<end])
    }

    var count: Int { speech.count }

    /// The class of the highest mean probability over some chunks, each given by the indices of its embeddings.
    func answer(_ chunks: [[Int]]) -> Int {
        let width = embeddings.count / max(1, count)
        let frameWidth = frames.count / max(1, count)
        var sums: [Float] = []
        for places in chunks {
            let probabilities = encoder.classProbabilities(
                ofFrames: places.flatMap { frames[$0 * frameWidth..<($0 + 1) * frameWidth] },
                embeddings: places.flatMap { embeddings[$0 * width..<($0 + 1) * width] },
                speechProbabilities: places.map { speech[$0] }
            )
            sums = sums.isEmpty ? probabilities : zip(sums, probabilities).map(+)
        }
        return sums.indices.max { sums[$0] < sums[$1] } ?? 0
    }
}
