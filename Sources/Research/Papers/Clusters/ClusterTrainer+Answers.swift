// SPDX-License-Identifier: Apache-2.0
import Corpora
import Recipes
import Training

extension ClusterTrainer {
    /// The answers for `test`: the class of the highest mean probability over the chunks, or the concordance of the mean
    /// value.
    func judge(_ test: [Int]) -> Judgement {
        var judgement = Judgement()
        var (answers, truths): ([Float], [Float]) = ([], [])
        for sentence in test {
            let input = chunks.cut(sentences.frames[sentence][0], width: sentences.width)
            let outputs = network.forward(input, sentences: 1).emotions
            if let attribute = variant.attribute {
                guard let truth = sentences.clips[sentence].attributes[attribute] else { continue }
                truths.append(Float(truth))
                answers.append(outputs.reduce(0, +) / Float(outputs.count))
            } else {
                judgement.add(sentences.clips[sentence], answer: likeliest(outputs))
            }
        }
        if variant.attribute != nil {
            var ignored = answers
            let loss = Losses.concordance(predictions: answers, targets: truths, gradient: &ignored)
            judgement.figures["CCC"] = Double(1 - loss)
        }
        judgement.figures["weights"] = Double(network.parameters.count + network.clusterParameters.count)
        for (name, epochs) in information { judgement.figures[name] = epochs.last }
        judgement.series = information
        return judgement
    }

    private func likeliest(_ logits: [Float]) -> Int {
        let classes = Emotion.allCases.count
        var sums = [Float](repeating: 0, count: classes)
        for start in stride(from: 0, to: logits.count, by: classes) {
            for (label, share) in Losses.softmax(logits[start..<start + classes]).enumerated() {
                sums[label] += share
            }
        }
        return sums.indices.max { sums[$0] < sums[$1] } ?? 0
    }
}
