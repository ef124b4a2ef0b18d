// SPDX-License-Identifier: Apache-2.0
package import Corpora
import Foundation

/// Cross entropy over the classes with smoothed targets, a weight for each clip, and a bias for each companion.
///
/// Corpora differ in which emotions are acted and how often; a vector of biases for each companion takes that
/// difference, so that it does not bend the shared weights. The judged corpus has none, and none is shipped.
///
/// A class that a clip's corpus lacks is left out of the clip's softmax and gets no gradient: the corpus says nothing
/// about it.
package struct EmotionLoss {
    /// Target of a clip.
    package struct Lesson: Hashable, Sendable {
        package let truth: Int
        /// Its weight, 0 or more.
        package let weight: Float
        /// The companion that it is from, if any.
        package let companion: Int?
        /// Listeners' share of each class, for a loss with co-occurrence; else only the true class counts.
        package let label: [Float]?
        /// The classes of its corpus, with the truth and all classes of the label among them.
        package let classes: ClassMask?

        /// Each parameter as its property says.
        ///
        /// - Parameter classes: the classes of the clip's corpus; `nil` for every class.
        package init(
            truth: Int,
            weight: Float,
            companion: Int?,
            label: [Float]? = nil,
            classes: ClassMask? = nil
        ) {
            (self.truth, self.weight, self.companion, self.label) = (truth, weight, companion, label)
            self.classes = label.map { classes?.including($0) } ?? classes
        }
    }

    private let classCount: Int
    private let smoothing: Float
    private let coOccurrence: CoOccurrenceLoss?
    /// Row-major [companions, classes].
    package private(set) var biases: [Float]
    private var biasMeans: [Float]
    private var biasSquares: [Float]

    /// - Parameter coOccurrence: what takes the place of cross entropy for clips with a label; `nil` for none.
    package init(
        classCount: Int,
        smoothing: Float,
        companionCount: Int,
        coOccurrence: CoOccurrenceLoss? = nil
    ) {
        (self.classCount, self.smoothing, self.coOccurrence) = (classCount, smoothing, coOccurrence)
        biases = Array(repeating: 0, count: companionCount * classCount)
        biasMeans = biases
        biasSquares = biases
    }

    /// Biases and the two running means of their gradients, as a checkpoint keeps them.
    var state: [Float] {
        get { biases + biasMeans + biasSquares }
        set {
            precondition(newValue.count == 3 * biases.count, "the checkpoint is of other companions")
            let count = biases.count
            biases = Array(newValue[..<count])
            biasMeans = Array(newValue[count..<2 * count])
            biasSquares = Array(newValue[(2 * count)...])
        }
    }

    /// The loss and its gradient by the logits.
    ///
    /// loss = sum over clips of w (target · -log softmax(z + bias)) / sum of w, times `scale`; B clips, K classes.
    /// - Parameters:
    ///   - logits: row-major [B, K].
    ///   - lessons: one for each clip; `nil` teaches nothing.
    ///   - scale: weight of this loss among others.
    package func lossAndGradient(
        _ logits: some RandomAccessCollection<Float>,
        _ lessons: [Lesson?],
        scale: Float
    ) -> (loss: Float, gradient: [Float]) {
        let total = lessons.reduce(0) { $0 + ($1?.weight ?? 0) }
        var gradient: [Float] = []
        gradient.reserveCapacity(logits.count)
        var loss: Float = 0
        var rest = logits[...]
        for lesson in lessons {
            let row = rest.prefix(classCount)
            rest = rest.dropFirst(classCount)
            guard let lesson, total > 0 else {
                gradient += repeatElement(0, count: classCount)
                continue
            }
            let weight = scale * lesson.weight / total
            let clip = lossAndGradient(of: lesson, biased(row, lesson.companion))
            loss += weight * clip.loss
            gradient += clip.gradient.map { weight * $0 }
        }
        return (loss, gradient)
    }

    /// The loss of one clip and its gradient by its logits, [K], unweighted.
    private func lossAndGradient(of lesson: Lesson, _ logits: [Float]) -> (loss: Float, gradient: [Float]) {
        guard let classes = lesson.classes else {
            return lossAndGradient(of: lesson, logits, labels: Array(0..<classCount))
        }
        let kept = lossAndGradient(of: lesson, classes.selected(of: logits), labels: classes.labels)
        return (kept.loss, classes.expanded(kept.gradient, absent: 0))
    }

    /// The same over the classes in `labels`, to which `logits` and the gradient belong.
    private func lossAndGradient(of lesson: Lesson, _ logits: [Float], labels: [Int]) -> (
        loss: Float, gradient: [Float]
    ) {
        if let coOccurrence, let label = lesson.label {
            return coOccurrence.restricted(to: labels)
                .lossAndGradient(logits: logits, label: labels.map { label[$0] }, smoothing: smoothing)
        }
        let logProbabilities = self.logProbabilities(logits)
        let targets = labels.map {
            smoothing / Float(labels.count) + ($0 == lesson.truth ? 1 - smoothing : 0)
        }
        return (
            -zip(targets, logProbabilities).reduce(0) { $0 + $1.0 * $1.1 },
            zip(targets, logProbabilities).map { exp($1) - $0 }
        )
    }

    private func biased(_ logits: some Sequence<Float>, _ companion: Int?) -> [Float] {
        logits.enumerated().map { label, logit in
            logit + (companion.map { biases[$0 * classCount + label] } ?? 0)
        }
    }

    private func logProbabilities(_ biased: [Float]) -> [Float] {
        let largest = biased.max() ?? 0
        let sum = biased.reduce(Float(0)) { $0 + exp($1 - largest) }
        return biased.map { $0 - largest - log(sum) }
    }

    /// Moves the biases by Adam, as the optimiser moves the weights.
    package mutating func step(
        gradient: [Float],
        _ lessons: [Lesson?],
        learningRate: Float,
        beta2: Float,
        count: Int
    ) {
        let meanDecay: Float = 0.9
        var biasGradient = Array(repeating: Float(0), count: biases.count)
        for (clip, lesson) in lessons.enumerated() {
            guard let companion = lesson?.companion else { continue }
            for label in 0..<classCount {
                biasGradient[companion * classCount + label] += gradient[clip * classCount + label]
            }
        }
        let meanScale = 1 / (1 - pow(meanDecay, Float(count)))
        let squareScale = 1 / (1 - pow(beta2, Float(count)))
        for index in biases.indices {
            let slope = biasGradient[index]
            biasMeans[index] += (1 - meanDecay) * (slope - biasMeans[index])
            biasSquares[index] += (1 - beta2) * (slope * slope - biasSquares[index])
            let root = (biasSquares[index] * squareScale).squareRoot() + 1e-8
            biases[index] -= learningRate * biasMeans[index] * meanScale / root
        }
    }
}
