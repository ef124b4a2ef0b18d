// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import Training

/// Tests DeepEmoCluster and its temporal forms, with and without unlabelled speech: `configs/papers/clusters.yaml` and
/// `configs/papers/temporal-clusters.yaml`.
struct ClusterStudy: Study {
    /// The unit that is sampled so that all clusters have equal weight.
    enum Sampling: String, Codable { case chunks, sentences }

    struct Network: Codable {
        let channels: [Int]
        let width: Int
        let clusters: Int
        let dropout: Double
    }

    struct Unlabelled: Codable {
        /// Corpora whose clips are used, along with the clips of the judged corpus whose labels are withheld.
        let corpora: [String]
        /// Number of sentences drawn for each epoch.
        let sentencesPerEpoch: Int
    }

    struct Triplets: Codable {
        let margin: Float
        /// Largest distance of a positive, in chunks; negatives are farther away.
        let neighbourhood: Int
        /// Number drawn for each batch.
        let draws: Int
    }

    struct Variant: Codable, StudyVariant {
        let name: String
        let against: String?
        /// The share of the training sentences whose labels are used.
        let labelledShare: Double
        /// Weight of the cluster loss; 0 disables clusters.
        let clusterWeight: Float
        let usesUnlabelled: Bool
        let context: DeepEmoCluster<Float>.Context
        let hasTriplets: Bool
        let sampling: Sampling
        /// Attribute that the emotion branch learns instead of classes, as in the papers; absent for classes.
        let attribute: Attribute?
    }

    let system: String
    let recipe: String
    let seeds: [UInt64]
    let frames: SentenceFrames
    let chunks: Chunking
    let network: Network
    let fitting: Fitting
    /// Learning rate of the layer that classifies clusters.
    let clusterLearningRate: Double
    let unlabelled: Unlabelled
    let triplets: Triplets
    let variants: [Variant]

    var sources: StudySources { StudySources(corpora: unlabelled.corpora) }

    func run(in context: StudyContext) async throws -> [StudyTable] {
        if let problem = problem { throw RecipeError.data(problem: problem) }
        let corpus = try JudgedCorpus(recipe: recipe, in: context)
        let judged = try await corpus.sentences(frames, context)
        var all = judged
        for name in unlabelled.corpora {
            all.append(try await corpus.sentences(of: name, isLabelled: false, frames, context))
        }
        let results = try await context.results(of: variants, seeds: seeds, folds: corpus.folds.foldCount) {
            judge($0, all, judgedCount: judged.clips.count, of: corpus, in: context)
        }
        return [table(results + (try await corpus.baselines(context)))]
    }

    private var problem: String? {
        for variant in variants where !(0...1).contains(variant.labelledShare) {
            return "\(variant.name): labelledShare must be 0 to 1"
        }
        if network.channels.isEmpty || network.width % 2 != 0 {
            return "network needs channels and an even width"
        }
        return frames.problem ?? fitting.problem
    }

    private func judge(
        _ fold: StudyFold<Variant>,
        _ raw: Sentences,
        judgedCount: Int,
        of corpus: JudgedCorpus,
        in context: StudyContext
    ) -> Judgement {
        let (variant, seed) = (fold.variant, fold.seed)
        let training =
            (corpus.indices(.training, fold.number, in: raw)
            + corpus.indices(.development, fold.number, in: raw))
            .filter { $0 < judgedCount }.sorted()
        let sentences = raw.normalised(by: raw.moments(of: training))
        let labelled = labelled(training, of: raw, variant.labelledShare, seed: seed)
        let withheld = training.filter { !labelled.contains($0) } + Array(judgedCount..<raw.clips.count)
        let chunks = chunks.chunks(of: frames, context)
        var trainer = ClusterTrainer(self, variant, chunks: chunks, sentences: sentences, seed: seed)
        for epoch in 1...fitting.epochs {
            let loss = trainer.runEpoch(
                labelled: labelled.sorted(),
                unlabelled: variant.usesUnlabelled ? withheld : []
            )
            context.tell(
                .step(part: fold.name, stage: "epochs", done: epoch, of: fitting.epochs, loss: loss)
            )
        }
        return trainer.judge(corpus.indices(.test, fold.number, in: raw).filter { $0 < judgedCount })
    }

    /// A share of the sentences of each speaker and emotion, at least one.
    private func labelled(_ training: [Int], of sentences: Sentences, _ share: Double, seed: UInt64) -> Set<
        Int
    > {
        let groups = Dictionary(grouping: training) { index in
            "\(sentences.clips[index].speaker ?? "") \(sentences.clips[index].emotion?.name ?? "")"
        }
        return groups.sorted { $0.key < $1.key }.reduce(into: []) { chosen, group in
            var random = SplitMix64(seed: seed, name: group.key)
            let count = max(1, Int((share * Double(group.value.count)).rounded()))
            chosen.formUnion(group.value.shuffled(using: &random).prefix(count))
        }
    }

    private func table(_ results: [VariantResult]) -> StudyTable {
        let information = ["emotions", "speakers", "sentences", "places", "the epoch before"].map {
            "NMI with " + $0
        }
        return StudyTable(
            title: "DeepEmoCluster",
            columns: VariantResult.columns + ["CCC"] + information + ["weights"],
            rows: results.map { result in
                result.cells(among: results) + [result.spread(of: "CCC")]
                    + information.map { result.spread(of: $0) }
                    + [result.folds.first?.figures["weights"].map { String(Int($0)) } ?? ""]
            },
            notes: [
                VariantResult.note,
                "Normalised mutual information (NMI) of the clusters of the labelled chunks after the last epoch.",
            ]
        )
    }
}
