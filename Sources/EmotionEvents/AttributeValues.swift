// SPDX-License-Identifier: Apache-2.0

/// Maximum number of attributes in an estimate: arousal, valence, dominance.
public let maximumAttributeCount = 3

/// One number for each attribute that the model was trained on, in the model's order; none for most models.
///
/// A fixed-size value, so that the inference thread can pass it on without allocating.
public struct AttributeValues: BitwiseCopyable, Sendable {
    private var values = InlineArray<3, Float>(repeating: 0)
    /// Number of attributes of the model, 0...3.
    public let count: Int
    /// True if a value was outside the scale and was clamped.
    public let isClipped: Bool

    /// The values for a model without attributes.
    public static let none = AttributeValues([], isClipped: false)

    /// Copies `attributes`, each -1...1; at most ``maximumAttributeCount`` of them.
    public init(_ attributes: Span<Float>, isClipped: Bool) {
        precondition(attributes.count <= maximumAttributeCount, "\(attributes.count) attributes do not fit")
        count = attributes.count
        self.isClipped = isClipped
        for index in attributes.indices { values[index] = attributes[index] }
    }

    /// Same for an array.
    public init(_ attributes: [Float], isClipped: Bool) { self.init(attributes.span, isClipped: isClipped) }

    /// The value of one attribute, -1...1.
    public subscript(index: Int) -> Float {
        precondition(index < count, "attribute \(index) of \(count)")
        return values[index]
    }
}
