// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder

/// The README of a pre-trained encoder, which hears speech but names no emotion yet.
struct EncoderCard {
    let recipe: Recipe
    let configuration: ModelConfiguration

    var markdown: String {
        """
        ---
        license: \(DataSheet(recipe).weightsLicence.identifier)
        library_name: undertone
        tags: [speech, self-supervised, streaming]
        ---

        # \(configuration.id)

        A causal streaming encoder that has learned from speech without labels of emotion: \(tasks). It has no emotion \
        head; `undertoned` refuses it. Give it one with recordings of your own, one folder for each label:

            undertone-train import folders my-recordings --out data/mine
            undertone-train finetune --from MODEL --data data --out my-model

        \(DataSheet(recipe).markdown)

        ## Network and training

        \(configuration.encoder.parameterCount(labelCount: 0)) weights. Trained by the recipe `\(recipe.name)`, seed \
        \(recipe.seed).

        """
    }

    private var tasks: String {
        let pretext = recipe.stages.compactMap(\.pretext)
        let named = [
            ("how much the energy of a chunk varies", pretext.contains { $0.energyWeight > 0 }),
            ("how much the face moves", pretext.contains { $0.faceWeight > 0 }),
            ("which emotion the face's action units make up", pretext.contains { $0.unitWeight > 0 }),
            ("what the next frames will be", pretext.contains { $0.predictionWeight > 0 }),
            ("a published encoder's vectors of the same speech", pretext.contains { $0.teacher != nil }),
        ]
        return named.filter(\.1).map(\.0).joined(separator: "; ")
    }
}
