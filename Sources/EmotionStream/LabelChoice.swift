// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// The label of an estimate: the most probable one, or the one before it while that is nearly as probable.
///
/// Two emotions that are almost equally probable would take turns four times a second. So an interim estimate keeps
/// the label of the one before it until another label leads by a margin. A final estimate, and the first of an
/// utterance, name the most probable label.
package struct LabelChoice: Sendable {
    private let margin: Float
    private var label: Int?

    /// - Parameter margin: the lead, in probability, at which another label takes over, 0...1; 0 for the most probable
    ///   label always.
    package init(margin: Float) { self.margin = margin }

    /// Forgets the label of the utterance before.
    package mutating func reset() { label = nil }

    /// The label for `probabilities`.
    package mutating func step(_ probabilities: ClassProbabilities, isFinal: Bool) -> Int {
        let top = probabilities.top
        let isKept = label.map { probabilities[top] < probabilities[$0] + margin } ?? false
        if isFinal || !isKept { label = top }
        return label ?? top
    }
}
