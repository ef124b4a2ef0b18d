// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import EmotionStream
import NeuralLayers
import SpeechFeatures

/// The README of a shipped model: what it is for, what it learned from, how good it is, where it fails.
///
/// Written by the program, so that no figure in it is typed in.
struct ModelCard {
    let recipe: Recipe
    let model: StreamModel
    /// The figures of the folds, if the run was evaluated.
    let figures: EvaluationReport?
    /// The figures of unknown and known voices, if the run has a read-out that was evaluated.
    let voices: VoiceReport?
    /// The figures of sounds without words, if the run has a head for them that was evaluated.
    let vocal: VocalReport?

    var markdown: String {
        [head, use, data, training, evaluation, calibration, limits].joined(separator: "\n\n") + "\n"
    }

    /// The front matter that model hubs read.
    private var head: String {
        """
        ---
        license: \(DataSheet(recipe).weightsLicence.identifier)
        library_name: undertone
        pipeline_tag: audio-classification
        tags: [speech-emotion-recognition, streaming]
        ---

        # \(model.id)

        A causal streaming network that follows the *perceived vocal expression* of a voice while it speaks: \
        \(model.labels.joined(separator: ", ")). It processes how something is said, not what, and it does not know what a \
        person feels.
        """
    }

    private var use: String {
        """
        ## Use

        For projects in which every person who is recorded knows it and agrees, within the licence below. Not for \
        decisions about people, not at workplaces or schools (the EU's AI Act forbids it there), not as a lie \
        detector, not for health.
        """
    }

    private var data: String { DataSheet(recipe).markdown }

    private var training: String {
        let shape = model.encoder.configuration.encoder
        let milliseconds = model.samplesPerEmbedding * 1000 / model.features.featureSet.spectrum.sampleRate
        return """
            ## Network and training

            Causal convolution\(shape.isRecurrent ? " and a GRU" : ""), \(model.encoder.parameterCount) weights \
            (\(shape.front.count) front and \(shape.blocks.dilations.count) residual layers of width \(shape.width)), an \
            answer every \(milliseconds) ms, no lookahead. Heads: speech, and emotion\(attributes) over all speech so far. Input: \
            the feature set \(model.features.featureSet.version). \(pretext)\(readout)Trained by the recipe `\(recipe.name)`, seed \
            \(recipe.seed)\(leftOut). \(command)
            """
    }

    private var readout: String {
        recipe.readout.map {
            "Its encoder is frozen; a small read-out of the mean and deviation of its layers over the speech of an utterance "
                + "was taught by \($0.corpora.map(\.name).joined(separator: ", ")). "
        } ?? ""
    }

    /// The command that reproduces the model: `finetune` for a fine-tuned one, `default-model` for others.
    private var command: String {
        if let start = recipe.start, recipe.evaluation == nil {
            return "Made with `undertone-train finetune --from \(start) --data DIR --out DIR`."
        }
        let file = recipe.name.replacing("undertone-", with: "")
        return """
            It is made again with

                undertone-train default-model --recipe configs/recipes/\(file).yaml --data DIR --tables TABLES --out DIR
            """
    }

    private var attributes: String { model.attributes.map { ", " + $0 }.joined() }

    private var pretext: String {
        let corpora = recipe.stages.filter { $0.loss.emotionWeight == 0 }.flatMap(\.corpora)
        return corpora.isEmpty
            ? "" : "Before any emotion it learned pretext tasks from \(corpora.joined(separator: ", ")). "
    }

    private var leftOut: String {
        guard !recipe.release.development.isEmpty else { return "" }
        return ", on all speakers but \(recipe.release.development.joined(separator: " and "))"
    }

    private var evaluation: String {
        guard let figures else { return "## Accuracy\n\nNot evaluated." }
        return """
            ## Accuracy

            Whole clips, silence included, through the streaming path, on speakers that the network was not trained on: one \
            network for each fold of \(figures.corpus), made by the same recipe as this one. The figures are those of \
            `undertone-train evaluate`.

            \(figures.markdown)
            \(voiceTable)\(vocalTable)Recordings without speech that no training heard were *false speech* when an emotion was named.
            """
    }

    private var voiceTable: String {
        guard let voices else { return "" }
        return """
            ### Unknown and known voices

            From one pooled vector for each clip, with so many earlier utterances of the same speaker; *among its classes* \
            allows only the labels that the corpus has.

            \(voices.markdown)

            """
    }

    private var vocalTable: String {
        guard let vocal else { return "" }
        return """
            ### Laughs, cries, coughs and screams

            \(vocal.markdown)

            """
    }

    private var calibration: String {
        guard let set = model.calibrationSet else {
            return
                "## Calibration\n\nNone: no speaker was held out, so its probabilities are too confident."
        }
        let temperature = model.encoder.configuration.calibration.temperature
        return """
            ## Calibration

            One temperature, \(figure(Double(temperature))), fitted on \(set), whom training \
            did not hear. Two speakers are few: the table shows by fold how much it helped speakers unknown to both.
            """
    }

    private var limits: String {
        guard figures != nil else {
            return """
                ## Limits

                Its errors were not measured: test it on speakers that training did not use. Accuracy is lower for \
                languages, ages, dialects and voices that are not in the data.
                """
        }
        return """
            ## Limits

            The voices are those of actors, who were asked for one emotion at a time; everyday speech is milder and mixed. \
            Accuracy is lower for languages, ages, dialects and voices that are not in the data; the tables have female and \
            male speakers apart. Several people at once were never trained. Laughter, crying, animals and the like are taken \
            for speech as often as *false speech* says.\(confusions)
            """
    }

    /// The three mistakes that are made most often, as shares of a class's clips.
    private var confusions: String {
        guard let matrix = figures?.pooled({ $0.confusion }) else { return "" }
        let mistakes = matrix.labels.indices.flatMap { truth in
            matrix.labels.indices.filter { $0 != truth && matrix.support(of: truth) > 0 }.map { answer in
                (truth, answer, Double(matrix.counts[truth][answer]) / Double(matrix.support(of: truth)))
            }
        }
        let worst = mistakes.sorted { $0.2 > $1.2 }.prefix(3).map { truth, answer, share in
            "\(matrix.labels[truth]) for \(matrix.labels[answer]) (\(Int((100 * share).rounded())) % of its clips)"
        }
        return " Most often taken for another: \(worst.joined(separator: ", "))."
    }
}
