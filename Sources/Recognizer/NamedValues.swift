// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// Numbers with names, in the model's order: probabilities of its labels, or its attributes.
///
///     for (name, value) in estimate.probabilities { print(name, value) }
///     let anger = estimate.probabilities["angry"]
///
/// A value of fixed size that refers to the model's names: copying one allocates nothing.
public struct NamedValues: RandomAccessCollection, Sendable {
    /// A name and its number.
    public typealias Element = (name: String, value: Float)

    private let names: [String]
    private var values = InlineArray<16, Float>(repeating: 0)
    /// Number of values.
    public let count: Int

    /// Position of the first value, 0.
    public var startIndex: Int { 0 }
    /// Position after the last value.
    public var endIndex: Int { count }

    init(_ probabilities: ClassProbabilities, _ names: [String]) {
        self.names = names
        count = Swift.min(names.count, probabilities.count)
        for index in 0..<count { values[index] = probabilities[index] }
    }

    init(_ attributes: AttributeValues, _ names: [String]) {
        self.names = names
        count = Swift.min(names.count, attributes.count)
        for index in 0..<count { values[index] = attributes[index] }
    }

    /// The name and number at a position.
    public subscript(position: Int) -> Element {
        precondition(position < count, "value \(position) of \(count)")
        return (names[position], values[position])
    }

    /// The number with that name; nil if the model has no such name.
    public subscript(name: String) -> Float? {
        for index in 0..<count where names[index] == name { return values[index] }
        return nil
    }
}

extension NamedValues: CustomStringConvertible {
    /// All names and numbers: `neutral 0.01, happy 0.05`.
    public var description: String {
        map { "\($0.name) \(rounded(Double($0.value)))" }.joined(separator: ", ")
    }
}
