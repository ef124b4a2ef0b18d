// SPDX-License-Identifier: Apache-2.0
import Foundation
import ModelBundle

/// The part of a model card on data: what a recipe learns from, under which licences, and hence the weights' own.
struct DataSheet {
    /// A licence for weights.
    struct Licence {
        /// As model hubs write it.
        let identifier: String
        /// In words.
        let sentence: String
    }

    /// Permitted use of a corpus or a parent model, the strictest last.
    enum Terms: Int, Comparable {
        /// Every use, with the authors named.
        case attribution
        /// Every use; what is derived stays under the same licence.
        case shareAlike
        /// Nothing is known.
        case unknown
        /// No commercial use, or no licence stated by a published corpus.
        case nonCommercial

        static func < (a: Terms, b: Terms) -> Bool { a.rawValue < b.rawValue }
    }

    private struct Facts {
        let content: String
        let licence: String
        let terms: Terms

        init(_ content: String, _ licence: String, _ terms: Terms = .nonCommercial) {
            (self.content, self.licence, self.terms) = (content, licence, terms)
        }
    }

    private let corpora: [String]
    private let sounds: [String]
    private let vocal: [String]
    private let parent: (name: String, licence: String?)?
    private let teachers: [String]

    init(_ recipe: Recipe) {
        let stages = recipe.stages.flatMap { $0.corpora + $0.companions.corpora }
        corpora = Self.once(stages + (recipe.readout?.corpora.map(\.name) ?? []))
        sounds = Self.once(recipe.silentSelections.map(\.corpus))
        let kinds = (recipe.vocal?.kinds ?? []).flatMap(\.sounds) + (recipe.vocal?.others ?? [])
        vocal = Self.once(kinds.map(\.corpus))
        parent = recipe.start.map { start in
            (URL(filePath: start).lastPathComponent, Self.licence(ofModel: ModelFolder.path(named: start)))
        }
        let tables = recipe.stages.compactMap { $0.pretext?.teacher?.source.encoder }
        teachers = Self.once(tables + [recipe.detector?.source.encoder].compactMap { $0 })
    }

    private static func once(_ names: [String]) -> [String] {
        names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The licence in the front matter of a model's card; nil without one.
    private static func licence(ofModel path: String) -> String? {
        let card = try? String(contentsOfFile: path + "/README.md", encoding: .utf8)
        let line = card?.split(separator: "\n").prefix(10).first { $0.hasPrefix("license: ") }
        return line.map { String($0.dropFirst("license: ".count)) }
    }

    private static func terms(ofLicence identifier: String?) -> Terms {
        switch identifier {
        case "cc-by-4.0"?, "apache-2.0"?: .attribution
        case "cc-by-sa-4.0"?: .shareAlike
        case "cc-by-nc-sa-4.0"?: .nonCommercial
        default: .unknown
        }
    }

    private var all: [String] { Self.once(corpora + sounds + vocal) }

    private var unknown: [String] { all.filter { Self.known[$0] == nil } }

    /// As strict as the strictest of the corpora, the sounds and the model that training began with.
    var weightsLicence: Licence {
        let parts = all.map { Self.known[$0]?.terms ?? .unknown }
        let strictest = (parts + [parent.map { Self.terms(ofLicence: $0.licence) }].compactMap { $0 }).max()
        switch strictest ?? .unknown {
        case .attribution:
            return Licence(identifier: "cc-by-4.0", sentence: "CC BY 4.0; name the corpora above")
        case .shareAlike:
            return Licence(
                identifier: "cc-by-sa-4.0",
                sentence: "CC BY-SA 4.0, which allows commercial use; name the corpora above"
            )
        case .unknown:
            let names =
                unknown.isEmpty ? "the model that training began with" : unknown.joined(separator: ", ")
            return Licence(
                identifier: "unknown",
                sentence: "a licence that is not known here: it depends on the rights to \(names)"
            )
        case .nonCommercial:
            return Licence(
                identifier: "cc-by-nc-sa-4.0",
                sentence: "CC BY-NC-SA 4.0, for non-commercial research"
            )
        }
    }

    var markdown: String {
        let rows = corpora.map { name in
            "| \(name) | \(Self.known[name]?.content ?? "–") | \(Self.known[name]?.licence ?? "not known here") |"
        }
        let table = ["## Data and licence", "", "| corpus | content | licence |", "|---|---|---|"] + rows
        let paragraphs = [
            sounds.isEmpty
                ? nil
                : "Sounds without speech, mixed in or taught as such: \(sounds.joined(separator: ", ")).",
            vocal.isEmpty
                ? nil
                : "A second head learned sounds without words, and what is none of them, from "
                    + "\(vocal.map(withLicence).joined(separator: ", ")).",
            parent.map {
                "Training began with the model `\($0.name)` (\($0.licence ?? "no licence stated")); its card holds too."
            },
            teachers.isEmpty
                ? nil
                : "Its targets came from \(teachers.joined(separator: " and ")); none of their weights is in this model.",
            "Because of its origins, **the weights are under \(weightsLicence.sentence)**; the code that uses them is "
                + "Apache-2.0.",
        ].compactMap { $0 }
        return table.joined(separator: "\n") + "\n\n" + paragraphs.joined(separator: " ")
    }

    private func withLicence(_ corpus: String) -> String {
        corpora.contains(corpus)
            ? corpus : "\(corpus) (\(Self.known[corpus]?.licence ?? "licence not known here"))"
    }

    /// Published facts about the corpora that recipes name.
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
            .attribution
        ),
        "picovoice_wakeword": Facts("English wake words, many speakers", "Apache-2.0", .attribution),
        "picovoice_coffee": Facts("English commands, and one noisy café", "Apache-2.0", .attribution),
        "facegood_av": Facts("Mandarin, one speaker, with curves of the face", "MIT", .attribution),
        "grid_sample_av": Facts(
            "English commands, 12 speakers, with face landmarks",
            "CC BY 4.0",
            .attribution
        ),
        "crema_d": Facts(
            "English, acted, 79 actors, 12 sentences",
            "ODbL 1.0, contents DbCL 1.0",
            .attribution
        ),
        "turev_turkish": Facts("Turkish, acted words, 6 speakers", "CC BY-NC-ND 4.0"),
        "librispeech_261": Facts("English, read, 261 speakers", "CC BY 4.0", .attribution),
        "speech_commands_one": Facts("English words, 2333 speakers at home", "CC BY 4.0", .attribution),
        "mycroft_precise": Facts(
            "wake words; none of the clips under CC BY-NC-SA",
            "public domain",
            .attribution
        ),
        "emogator": Facts("bursts of the voice without words, 320 people", "Apache-2.0", .attribution),
        "sounds_free": Facts(
            "160 kinds of sounds",
            "CC0, CC BY, CC BY-SA or Apache-2.0 by recording",
            .shareAlike
        ),
        "music_household_free": Facts(
            "music and household",
            "CC0, CC BY, CC BY-SA by recording",
            .shareAlike
        ),
        "baved_arabic": Facts(
            "Arabic words at three levels of arousal, 59 speakers, no labels used",
            "none stated"
        ),
        "trial_english": Facts("English testimony, 67 recordings", "none stated"),
        "deeply_nonverbal": Facts("16 noises of voices, 410 people", "CC BY-NC-ND 4.0"),
        "esc50_other40": Facts("40 kinds of sounds", "CC BY-NC 3.0"),
        "baby_nonspeech": Facts("babies and rooms", "none stated"),
        "esc10": Facts("ten sounds without speech", "CC BY 3.0", .attribution),
    ]
}
