// SPDX-License-Identifier: Apache-2.0
import Corpora

/// Answers of the streaming path beside the truth.
struct JudgedClips: Sendable {
    let set: ClipSet
    let clips: [Int]
    let answers: [StreamedClip]

    private var truths: [Int] { clips.map(set.truth) }

    func confusion() -> ConfusionMatrix { confusion { $0.answer } }

    /// The answers after each of the early moments.
    func early() -> [ConfusionMatrix] {
        StreamedClip.momentsSeconds.indices.map { moment in confusion { $0.early[moment] } }
    }

    func confusionBySex() -> [String: ConfusionMatrix] {
        var matrices: [String: ConfusionMatrix] = [:]
        for (clip, answer) in zip(clips, answers) {
            guard let sex = set.clips[clip].sex else { continue }
            matrices[sex.rawValue, default: ConfusionMatrix(labels: Emotion.names)]
                .add(truth: set.truth(clip), answer: answer.answer)
        }
        return matrices
    }

    /// Expected calibration error as if there were no temperature, and with it.
    ///
    /// The stream's probabilities have been through the temperature; taking it out is the inverse power.
    func calibrationErrors(temperature: Double) -> [Double] {
        let calibrated = answers.map(\.probabilities)
        let raw = calibrated.map { Calibration.scaled($0, 1 / temperature) }
        return [raw, calibrated].map { Calibration.expectedError($0, truths: truths) }
    }

    /// The temperature that makes the truth most likely; the answers must come from a model without one.
    func temperature() -> Double { Calibration.temperature(answers.map(\.probabilities), truths: truths) }

    private func confusion(_ answer: (StreamedClip) -> Int?) -> ConfusionMatrix {
        var matrix = ConfusionMatrix(labels: Emotion.names)
        for (truth, streamed) in zip(truths, answers) { matrix.add(truth: truth, answer: answer(streamed)) }
        return matrix
    }
}
