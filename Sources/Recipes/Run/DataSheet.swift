// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The part of a model card on data: what a recipe learns from, under which licences, and hence the weights' own.
struct DataSheet {
    /// A licence for weights.
    struct Licence {
        /// As model hubs write it.
        let identifier: String
        /// In words.
        let sentence: String
    }

    private struct Facts {
        let content: String
        let licence: String
        /// Whether the licence allows every use, with the authors named at most.
        let isFree: Bool

        init(_ content: String, _ licence: String, isFree: Bool = false) {
            (self.content, self.licence, self.isFree) = (content, licence, isFree)
        }
    }

    private let corpora: [String]
    private let noises: [String]
    private let start: String?

    init(_ recipe: Recipe) {
        corpora = Self.once(recipe.stages.flatMap { $0.corpora + $0.companions.corpora })
        noises = Self.once(recipe.augmentation.noise.map(\.corpus))
        start = recipe.start.map { URL(filePath: $0).lastPathComponent }
    }

    private static func once(_ names: [String]) -> [String] {
        names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Non-commercial as soon as one corpus is, or does not say.
    var weightsLicence: Licence {
        let isFree = (corpora + noises).allSatisfy { Self.known[$0]?.isFree == true }
        return isFree
            ? Licence(identifier: "cc-by-4.0", sentence: "CC BY 4.0; name the corpora above")
            : Licence(identifier: "cc-by-nc-sa-4.0", sentence: "CC BY-NC-SA 4.0, for non-commercial research")
    }

    var markdown: String {
        let rows = corpora.map { name in
            "| \(name) | \(Self.known[name]?.content ?? "–") | \(Self.known[name]?.licence ?? "ask its authors") |"
        }
        let table = ["## Data and licence", "", "| corpus | content | licence |", "|---|---|---|"] + rows
        let noise = noises.isEmpty ? "" : "Noise mixed in: \(noises.joined(separator: ", ")). "
        let start =
            start.map { "Training began with the encoder of `\($0)`; its card and its licence hold too. " }
            ?? ""
        return table.joined(separator: "\n") + "\n\n" + noise + start
            + "Because of the corpora, **the weights are published under \(weightsLicence.sentence)**; the code that uses "
            + "them is Apache-2.0."
    }

    /// What is public knowledge about the corpora that recipes have named so far.
    private static let known: [String: Facts] = [
        "ravdess": Facts("English, acted, 24 actors, two sentences", "CC BY-NC-SA 4.0"),
        "nemo_polish": Facts("Polish, acted, 9 actors, 90 sentences", "CC BY-NC-SA 4.0"),
        "ased_amharic": Facts("Amharic, acted, 65 speakers", "none stated"),
        "indian_emospeech_cmd": Facts(
            "Indian phone commands, in the wild, no labels used",
            "CC BY-NC-SA 4.0"
        ),
        "speechocean762": Facts(
            "English read by Mandarin speakers, 250, half children",
            "CC BY 4.0",
            isFree: true
        ),
        "picovoice_wakeword": Facts("English wake words, many speakers", "Apache-2.0", isFree: true),
        "picovoice_coffee": Facts("English commands, and one noisy café", "Apache-2.0", isFree: true),
        "facegood_av": Facts("Mandarin, one speaker, with curves of the face", "MIT", isFree: true),
        "grid_sample_av": Facts(
            "English commands, 12 speakers, with face landmarks",
            "CC BY 4.0",
            isFree: true
        ),
        "esc10": Facts("ten sounds without speech", "CC BY 3.0", isFree: true),
    ]
}
