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
        \(model.labels.joined(separator: ", ")). It hears how something is said, not what, and it does not know what a \
        person feels.
        """
    }

    private var use: String {
        """
        ## Use

        For research and for non-commercial projects in which every person who is heard knows it and agrees. Not for \
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
            answer every \(milliseconds) ms, no lookahead. Heads: speech, and emotion\(attributes) over all speech heard so far. Input: \
            the feature set \(model.features.featureSet.version). \(pretext)Trained by the recipe `\(recipe.name)`, seed \
            \(recipe.seed)\(leftOut). The default model is reproduced with

                undertone-train default-model --data DIR --out DIR
            """
    }

    private var attributes: String { model.attributes.map { ", " + $0 }.joined() }

    private var pretext: String {
        let corpora = recipe.stages.filter { $0.emotionWeight == 0 }.flatMap(\.corpora)
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

            Whole clips, silence included, through the streaming path, on speakers that the network has never heard: one \
            network for each fold of `configs/folds/ravdess5.csv`, made by the same recipe as the shipped one. The figures \
            are those of `undertone-train evaluate`.

            \(figures.markdown)
            Recordings without speech that no training heard were *false speech* when an emotion was named.
            """
    }

    private var calibration: String {
        guard let set = model.calibrationSet else {
            return
                "## Calibration\n\nNone: nobody was held out, so its probabilities are bolder than it is right."
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

                Nobody has measured how often it errs: test it on speakers whom it has not heard. Languages, ages, \
                dialects and voices that are not in the data are heard worse.
                """
        }
        return """
            ## Limits

            The voices are actors' voices, who were asked for one emotion at a time; everyday speech is milder and mixed. \
            Most of the figures come from two English sentences. Languages, ages, dialects and voices that are not in the data \
            are heard worse; how female and male voices differ is in the table. Laughter, crying, singing and several people \
            at once were never trained, and loud animals, crying babies and the like are taken for a voice as often as the \
            last column of the table says.\(confusions)
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
