// SPDX-License-Identifier: Apache-2.0

/// The classes that occur in a corpus.
///
/// CREMA-D has no clip of *surprised*. A network that is trained on it must not learn that *surprised* is always wrong, so
/// the softmax of such a clip covers only the classes of its corpus.
public struct ClassMask: Hashable, Sendable {
    /// True for each class of the corpus, by the raw value of ``Emotion``.
    public let isPresent: [Bool]

    /// All classes.
    public static let all = ClassMask(isPresent: Emotion.allCases.map { _ in true })

    /// - Parameter isPresent: one element for each case of ``Emotion``, by raw value.
    public init(isPresent: [Bool]) {
        precondition(isPresent.count == Emotion.allCases.count, "a mask has one element for each emotion")
        self.isPresent = isPresent
    }

    /// The classes with a label or a vote in `clips`; pass all clips of one corpus.
    public init(of clips: some Sequence<Clip>) {
        var isPresent = Emotion.allCases.map { _ in false }
        for clip in clips {
            if let emotion = clip.emotion { isPresent[emotion.rawValue] = true }
            for (label, count) in (clip.votes?.counts ?? []).enumerated() where count > 0 {
                isPresent[label] = true
            }
        }
        self.init(isPresent: isPresent)
    }

    /// The present classes, as raw values in ascending order.
    public var labels: [Int] { isPresent.indices.filter { isPresent[$0] } }

    /// Adds the classes with a share in `label`, row [K], so that no target is masked.
    public func including(_ label: [Float]) -> ClassMask {
        ClassMask(isPresent: isPresent.indices.map { isPresent[$0] || label[$0] > 0 })
    }

    /// The values of the present classes, in the order of ``labels``.
    public func selected<Value>(of row: some Collection<Value>) -> [Value] {
        zip(row, isPresent).compactMap { $1 ? $0 : nil }
    }

    /// A row [K] with `values` at the present classes and `absent` elsewhere; the inverse of ``selected(of:)``.
    public func expanded<Value>(_ values: some Sequence<Value>, absent: Value) -> [Value] {
        var row = isPresent.map { _ in absent }
        for (label, value) in zip(labels, values) { row[label] = value }
        return row
    }

    /// The probabilities of `row` [K] restricted to the present classes: zero elsewhere, sum 1. If the present classes have
    /// no probability, the result is uniform over them.
    public func restricted(_ row: [Double]) -> [Double] {
        let kept = selected(of: row)
        let sum = kept.reduce(0, +)
        let share = 1 / Double(max(1, kept.count))
        return expanded(kept.map { sum > 0 ? $0 / sum : share }, absent: 0)
    }
}

extension Manifest {
    /// The classes of the whole corpus.
    public var classes: ClassMask { ClassMask(of: clips) }
}
