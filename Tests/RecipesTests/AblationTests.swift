// SPDX-License-Identifier: Apache-2.0
import Foundation
import Recipes
import TestSupport
import Testing

struct AblationTests {
    private func ablation(_ variants: String, seeds: String = "[1, 2]") throws -> Ablation {
        let base = Fixtures.root.appending(path: "configs/recipes/pretext.yaml").path
        let file = FileManager.default.temporaryDirectory.appending(
            path: "ablation-\(UUID().uuidString).yaml"
        )
        defer { try? FileManager.default.removeItem(at: file) }
        try "base: \(base)\nseeds: \(seeds)\nvariants:\n\(variants)\n"
            .write(to: file, atomically: true, encoding: .utf8)
        return try Ablation(file: file)
    }

    @Test func theShippedAblationSwitchesEachTaskOffAlone() throws {
        let file = Fixtures.root.appending(path: "configs/ablations/pretext.yaml")
        let ablation = try Ablation(file: file)
        #expect(ablation.seeds.count >= 3)
        let weights = ablation.variants.map { variant in
            variant.recipe.stages[0].pretext.map {
                [$0.energyWeight, $0.faceWeight, $0.unitWeight, $0.predictionWeight].map { $0 > 0 }
            }
        }
        #expect(weights.first == .some(nil), "from scratch, there is no pretext stage")
        #expect(
            weights.contains([true, false, false, false]) && weights.contains([false, true, false, false])
        )
        #expect(
            weights.contains([false, false, true, false]) && weights.contains([false, false, false, true])
        )
        #expect(weights.contains([true, true, true, false]) && weights.contains([true, true, true, true]))
    }

    @Test func aVariantChangesWhatItsPathsNameAndNothingElse() throws {
        let ablation = try ablation("  small: { network.width: 8, stages.1.epochs: 3 }\n  as is: {}")
        let (small, plain) = (ablation.variants[0].recipe, ablation.variants[1].recipe)
        #expect(small.network.width == 8 && small.stages[1].epochs == 3)
        #expect(small.stages[0] == plain.stages[0] && small.evaluation == plain.evaluation)
    }

    @Test func changesInCommonReachEveryVariant() throws {
        let ablation = try ablation(
            "  small: { network.width: 8 }\n  as is: {}\ncommon: { stages.1.epochs: 3 }"
        )
        #expect(ablation.variants.map(\.recipe.stages[1].epochs) == [3, 3])
        #expect(ablation.variants.map(\.recipe.network.width) == [8, 64])
    }

    @Test(arguments: ["encoder", "finetuning", "pooling"])
    func everyVariantOfAShippedAblationIsAValidRecipe(name: String) throws {
        let ablation = try Ablation(file: Fixtures.root.appending(path: "configs/ablations/\(name).yaml"))
        #expect(ablation.variants.count >= 2)
        #expect(Set(ablation.variants.map(\.recipe.json)).count == ablation.variants.count)
    }

    @Test(arguments: [
        ("  a: { stages.pretexts.epochs: 3 }", "the base recipe has no 'stages.pretexts.epochs'"),
        ("  a: { network.widht: 3 }", "unknown key 'network.widht'"),
        ("  a: { network.width: wide }", "the value of 'network.width' is of the wrong kind"),
        ("  a: { stages.pretext.epochs: 0 }", "variant 'a': stage 'pretext': epochs must be"),
        ("  a: 3", "it must be a mapping of paths to values"),
    ])
    func aWrongVariantIsNamed(variants: String, words: String) {
        do {
            _ = try ablation(variants)
            Issue.record("it was read")
        } catch {
            #expect(String(describing: error).contains(words), "said: \(error)")
        }
    }

    @Test func seedsMustBeWholeNumbers() {
        #expect(throws: RecipeError.self) { try ablation("  a: {}", seeds: "[1, x]") }
        #expect(throws: RecipeError.self) { try ablation("  a: {}", seeds: "[]") }
    }
}
