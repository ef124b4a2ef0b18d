// SPDX-License-Identifier: Apache-2.0

/// How many attributes an estimate can carry: arousal, valence, dominance.
public let maximumAttributeCount = 3

/// One number for each attribute that the model was taught, in the model's order; none for most models.
///
/// A fixed-size value, so that the inference thread can hand it over without touching the heap.
public struct AttributeValues: BitwiseCopyable, Sendable {
    private var values = InlineArray<3, Float>(repeating: 0)
    /// How many the model has, 0...3.
    public let count: Int
    /// Whether the model said more than the scale holds, so that an end of it stands instead.
    public let isClipped: Bool

    /// Those of a model without any.
    public static let none = AttributeValues([], isClipped: false)

    /// Copies `attributes`, each -1...1; at most ``maximumAttributeCount`` of them.
    public init(_ attributes: Span<Float>, isClipped: Bool) {
        precondition(attributes.count <= maximumAttributeCount, "\(attributes.count) attributes do not fit")
        count = attributes.count
        self.isClipped = isClipped
        for index in attributes.indices { values[index] = attributes[index] }
    }

    /// As above, from an array.
    public init(_ attributes: [Float], isClipped: Bool) { self.init(attributes.span, isClipped: isClipped) }

    /// The value of one attribute, -1...1.
    public subscript(index: Int) -> Float {
        precondition(index < count, "attribute \(index) of \(count)")
        return values[index]
    }
}
