// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Chooses the label of an estimate: the most probable one, or the previous one while that is nearly as probable.
///
/// Two almost equally probable emotions would alternate four times a second. So an interim estimate keeps the
/// previous label until another one leads by a margin. A final estimate, and the first of an utterance, have the
/// most probable label.
package struct LabelChoice: Sendable {
    private let margin: Float
    private var label: Int?

    /// - Parameter margin: the lead, in probability, at which another label takes over, 0...1; 0 for the most probable
    ///   label always.
    package init(margin: Float) { self.margin = margin }

    /// Clears the label of the previous utterance.
    package mutating func reset() { label = nil }

    /// The label for `probabilities`.
    package mutating func step(_ probabilities: ClassProbabilities, isFinal: Bool) -> Int {
        let top = probabilities.top
        let isKept = label.map { probabilities[top] < probabilities[$0] + margin } ?? false
        if isFinal || !isKept { label = top }
        return label ?? top
    }
}
