// SPDX-License-Identifier: Apache-2.0
import Recipes

/// A variant of a study's system, as described by its file.
protocol StudyVariant {
    var name: String { get }
    /// The variant that it is compared with (default: the first).
    var against: String? { get }
}

/// One training and test of a study: a variant, a seed, a fold.
struct StudyFold<Variant: StudyVariant> {
    let variant: Variant
    let seed: UInt64
    /// Number of the fold, from 0.
    let number: Int

    /// Name in progress reports and of the file of results.
    var name: String { "\(variant.name), seed \(seed), fold \(number)" }
}

extension StudyContext {
    /// Judges every variant on every fold with every seed; skips parts that an earlier call has finished.
    func results<Variant: StudyVariant>(
        of variants: [Variant],
        seeds: [UInt64],
        folds: Int,
        _ judge: (StudyFold<Variant>) -> Judgement
    ) async throws -> [VariantResult] {
        var results: [VariantResult] = []
        for variant in variants {
            var judged: [Judgement] = []
            for seed in seeds {
                for number in 0..<folds {
                    let fold = StudyFold(variant: variant, seed: seed, number: number)
                    judged.append(try await folder.result(fold.name) { judge(fold) })
                }
            }
            results.append(VariantResult(name: variant.name, against: variant.against, folds: judged))
        }
        return results
    }
}

/// All folds and seeds of one variant.
struct VariantResult {
    let name: String
    /// The variant that it is compared with (default: the first).
    let against: String?
    let folds: [Judgement]

    var recalls: [Double] { folds.map(\.recall) }

    /// UAR, macro-F1, and the gain over the variant that it is compared with, with the probability of the test over
    /// speakers.
    func cells(among results: [VariantResult]) -> [String] {
        // A variant that predicts numbers has no classes to judge.
        guard folds.contains(where: { !$0.bySpeaker.isEmpty }) else { return [name, "", "", "", ""] }
        let own = [name, spreadOf(recalls), spreadOf(folds.map(\.confusion.macroF1))]
        let reference = results.first { $0.name == against } ?? results.first
        guard let reference, reference.name != name else { return own + ["", ""] }
        let gain = mean(recalls) - mean(reference.recalls)
        let differences = differences(from: reference)
        return own + [
            (gain > 0 ? "+" : "") + figure(gain),
            differences.isEmpty ? "" : Self.text(PairedTest.probability(differences)),
        ]
    }

    /// A probability is never 0.
    private static func text(_ probability: Double) -> String {
        probability < 0.001 ? "< 0.001" : figure(probability)
    }

    /// The meaning of the columns.
    static let note =
        "Mean and deviation over folds and seeds; gain over the variant that the study names, else over the first, and p "
        + "of a two-sided sign-flip test over the test speakers."

    static let columns = ["variant", "UAR", "macro-F1", "gain", "p (speakers)"]

    /// A figure by fold.
    func spread(of name: String) -> String {
        let values = folds.compactMap { $0.figures[name] }
        return values.isEmpty ? "" : spreadOf(values)
    }

    /// The differences for the speakers that both have.
    private func differences(from other: VariantResult) -> [Double] {
        let (ours, theirs) = (speakerRecalls, other.speakerRecalls)
        return ours.keys.sorted().compactMap { speaker in
            theirs[speaker].flatMap { other in ours[speaker].map { $0 - other } }
        }
    }

    /// The UAR of each speaker, averaged over seeds.
    private var speakerRecalls: [String: Double] {
        Dictionary(grouping: folds.flatMap { Array($0.bySpeaker) }, by: \.key)
            .mapValues { mean($0.map(\.value.unweightedAverageRecall)) }
    }
}
