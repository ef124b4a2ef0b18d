// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct RecipeTests {
    private static let unseen = Fixtures.root.appending(path: "configs/recipes/unseen.yaml")
    private static let shipped = Fixtures.root.appending(path: "configs/recipes/default.yaml")
    /// A recipe with stages of every kind.
    private static let staged = Fixtures.root.appending(path: "configs/recipes/predictive.yaml")

    /// A recipe with one text replaced by another.
    private func complaint(in file: URL = Self.staged, replacing old: String, by new: String) throws -> String
    {
        let text = try String(contentsOf: file, encoding: .utf8)
        try #require(text.contains(old), "the recipe no longer holds \(old)")
        let copy = FileManager.default.temporaryDirectory.appending(path: "recipe-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: copy) }
        try text.replacingOccurrences(of: old, with: new).write(to: copy, atomically: true, encoding: .utf8)
        do {
            _ = try Recipe(file: copy)
            return ""
        } catch {
            return String(describing: error)
        }
    }

    @Test func theShippedRecipeIsRead() throws {
        let recipe = try Recipe(file: Self.shipped)
        #expect(recipe.name == "undertone-default")
        let folds = try FoldList(file: #require(recipe.foldFile(besideRecipe: Self.shipped)))
        #expect(folds.foldCount == 5)
    }

    @Test(arguments: [
        (
            "hiddenCount: 0", "hiddenCount: 0\n  hiddnCount: 1",
            "unknown key 'network.hiddnCount'; did you mean 'hiddenCount'?"
        ),
        ("seed:", "sed:", "the key 'seed' is missing; is 'sed' meant to be it?"),
        (
            "speechWeight: ", "speachWeight: ",
            "the key 'stages.0.loss.speechWeight' is missing; is 'speachWeight' meant to be it?"
        ),
        ("beta2: ", "squareDecay: ", "the key 'stages.0.optimiser.beta2' is missing"),
        ("clips: 32", "clips: 0", "stage 'unlabelled': batch.clips must be 1 to 1024"),
        ("clipNorm: 1", "clipNorm: 0", "stage 'unlabelled': optimiser.clipNorm must be positive"),
        ("pooling: attention", "pooling: max", "the value of 'network.pooling' is of the wrong kind"),
        ("forgetting: 1", "forgetting: often", "the value of 'network.forgetting' is of the wrong kind"),
        ("cleanShare: ", "cleanShare: 7 #", "augmentation.cleanShare must be 0 to 1"),
        ("learningRate: ", "learningRate: -1 #", "optimiser.learningRate must be above 0 and at most 1"),
        ("fillSeconds: ", "fillSeconds: 1e300 #", "speech.fillSeconds must be 0 to 60"),
        ("onsetDecibels: ", "onsetDecibels: .nan #", "speech.onsetDecibels must be 0 to 200"),
        ("roomSeconds: ", "roomSeconds: [1e9, 1e10] #", "roomSeconds must be above 0 and at most 10"),
        (
            "share: 0.5, weight: 0.5", "share: .inf, weight: 1",
            "companions.share and companions.weight must be"
        ),
        (
            "emotionWeight: 1", "emotionWeight: .inf",
            "loss.emotionWeight, speechWeight and prefixWeight must be"
        ),
        ("predictionWeight: 1", "predictionWeight: .inf", "pretext.weights must be 0 to 1000"),
        ("corpus: ravdess", "corpus: other", "the last stage must train on the judged corpus 'other'"),
        (
            "classBalance: 0.5",
            "classBalance: 0.5\n    coOccurrence: { labels: hard, alpha: 2, threshold: 0 }",
            "stage 'emotions': coOccurrence.alpha must be 0 to 1"
        ),
        (
            "classBalance: 0.5",
            "classBalance: 0.5\n    coOccurrence: { labels: multi, alpha: 0, threshold: 0 }",
            "coOccurrence.labels: loss.labelSmoothing must be 0 with multi-labels"
        ),
        (
            "classBalance: 0.5",
            "classBalance: 0.5\n    coOccurrence: { labels: hard, alpha: 0, treshold: 0 }",
            "the key 'stages.1.coOccurrence.threshold' is missing; is 'treshold' meant to be it?"
        ),
        (
            "classBalance: 0.5", "classBalance: 0.5\n    attributes: {}",
            "attributes.name at least one of arousal"
        ),
        (
            "classBalance: 0.5", "classBalance: 0.5\n    attributes: { valence: 0 }",
            "attributes.weights must be above 0"
        ),
        (
            "classBalance: 0.5", "classBalance: 0.5\n    attributes: { arousal: 1, valance: 1 }",
            "unknown key 'stages.1.attributes.valance'"
        ),
        (
            "  corpus: ravdess\n",
            "  corpus: ravdess\n  attributes: [{ corpus: baved_arabic, folds: f.csv }]\n",
            "evaluation.attributes: no stage teaches attributes"
        ),
        (
            "seed: 1\n",
            "seed: 1\nlevels: [{ corpus: a, attribute: arousal, column: label, values: { low: -2, high: 1 } }]\n",
            "levels: values must be -1 to 1"
        ),
        ("name: predictive", "name: [", "it is not valid YAML"),
    ])
    func aWrongRecipeIsRefusedByName(old: String, new: String, words: String) throws {
        let complaint = try complaint(replacing: old, by: new)
        #expect(complaint.contains(words), "said: \(complaint)")
    }

    @Test(arguments: [
        (
            "    - { name: ravdess,", "    - { name: tess,",
            "readout.corpora must hold the judged corpus 'ravdess'"
        ),
        ("others: [tess", "others: [crema_d", "evaluation.others: training hears 'crema_d'"),
        ("voteShare: 0", "voteShare: 2", "readout.classBalance and voteShare must be 0 to 1"),
        (
            "neutralShare: 0.6", "neutralShare: 0.9",
            "readout.voice.neutralShare and sameShare must be 0 or more"
        ),
        ("dropout: 0.5", "dropout: 1", "readout.hidden.dropout must be 0 or more and below 1"),
    ])
    func aWrongReadoutIsRefusedByName(old: String, new: String, words: String) throws {
        let complaint = try complaint(in: Self.shipped, replacing: old, by: new)
        #expect(complaint.contains(words), "said: \(complaint)")
    }

    @Test func aCorpusThatIsLeftOutMustBeInTheReadout() throws {
        let complaint = try complaint(
            in: Self.unseen,
            replacing: "leftOut: [nemo_polish",
            by: "leftOut: [none"
        )
        #expect(complaint.contains("evaluation.leftOut: 'none' is not among readout.corpora"))
    }

    @Test func noStageHearsACorpusThatIsJudged() throws {
        let complaint = try complaint(
            in: Self.shipped,
            replacing: "corpora: [crema_d",
            by: "corpora: [ravdess, crema_d"
        )
        #expect(complaint.contains("a stage trains on 'ravdess', which is judged"), "said: \(complaint)")
    }

    @Test func everyRecipeOfTheCheckoutIsRead() throws {
        let folder = Fixtures.root.appending(path: "configs/recipes")
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            _ = try Recipe(file: file)
        }
    }

    @Test func aMissingRecipeIsNamed() {
        do {
            _ = try Recipe(file: URL(filePath: "/nowhere/r.yaml"))
            Issue.record("a missing file was read")
        } catch {
            #expect(String(describing: error).hasPrefix("/nowhere/r.yaml: it cannot be read"))
        }
    }
}
