// SPDX-License-Identifier: Apache-2.0
package import Corpora

/// Answers and the true classes of some clips.
package struct JudgedClips: Sendable {
    let clips: [Clip]
    let truths: [Int]
    let answers: [StreamedClip]

    /// - Parameters:
    ///   - clips: those without a label are left out.
    ///   - answers: one for each clip.
    init(_ clips: [Clip], answers: [StreamedClip]) {
        let judged = zip(clips, answers).filter { $0.0.emotion != nil }
        self.clips = judged.map(\.0)
        self.answers = judged.map(\.1)
        truths = judged.compactMap { $0.0.emotion?.rawValue }
    }

    /// Answers that did not come from the streaming path.
    ///
    /// - Parameter probabilities: one row [K] for each clip; an empty one for a clip without a label.
    package init(_ clips: [Clip], probabilities: [[Double]]) {
        self.init(clips, answers: probabilities.map(StreamedClip.init))
    }

    /// The clips of several sets, of the folds say, as one.
    package init(pooling sets: [JudgedClips]) {
        clips = sets.flatMap(\.clips)
        truths = sets.flatMap(\.truths)
        answers = sets.flatMap(\.answers)
    }

    package func confusion() -> ConfusionMatrix { confusion { $0.answer } }

    /// The answers if only the classes that the clips have could be named.
    package func confusionOfSharedClasses() -> ConfusionMatrix {
        let shared = Set(truths)
        return confusion { streamed in
            guard streamed.answer != nil else { return nil }
            return shared.max { streamed.probabilities[$0] < streamed.probabilities[$1] }
        }
    }

    /// The answers after each of the early moments.
    func early() -> [ConfusionMatrix] {
        StreamedClip.momentsSeconds.indices.map { moment in confusion { $0.early[moment] } }
    }

    func confusionBySex() -> [String: ConfusionMatrix] { confusions { $0.sex?.rawValue } }

    func confusionBySpeaker() -> [String: ConfusionMatrix] { confusions(by: \.speaker) }

    func confusions(by key: (Clip) -> String?) -> [String: ConfusionMatrix] {
        var matrices: [String: ConfusionMatrix] = [:]
        for (index, clip) in clips.enumerated() {
            guard let key = key(clip) else { continue }
            matrices[key, default: ConfusionMatrix(labels: Emotion.names)]
                .add(truth: truths[index], answer: answers[index].answer)
        }
        return matrices
    }

    /// Expected calibration error as if there were no temperature, and with it.
    func calibrationErrors(temperature: Double) -> [Double] {
        probabilities(temperature).map { Calibration.expectedError($0, truths: truths) }
    }

    /// Cross entropy as if there were no temperature, and with it.
    func crossEntropies(temperature: Double) -> [Double] {
        probabilities(temperature).map { Calibration.loss($0, truths: truths) }
    }

    func calibrationBins() -> [Calibration.Bin] {
        Calibration.bins(answers.map(\.probabilities), truths: truths)
    }

    /// Without the temperature, and with it.
    ///
    /// The stream's probabilities have been through the temperature; taking it out is the inverse power.
    private func probabilities(_ temperature: Double) -> [[[Double]]] {
        let calibrated = answers.map(\.probabilities)
        return [calibrated.map { Calibration.scaled($0, 1 / temperature) }, calibrated]
    }

    /// The temperature that makes the truth most likely; the answers must come from a model without one.
    func temperature() -> Double { Calibration.temperature(answers.map(\.probabilities), truths: truths) }

    private func confusion(_ answer: (StreamedClip) -> Int?) -> ConfusionMatrix {
        var matrix = ConfusionMatrix(labels: Emotion.names)
        for (truth, streamed) in zip(truths, answers) { matrix.add(truth: truth, answer: answer(streamed)) }
        return matrix
    }
}
