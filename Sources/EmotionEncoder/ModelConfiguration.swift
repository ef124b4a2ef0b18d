// SPDX-License-Identifier: Apache-2.0
public import ModelBundle
import NeuralLayers

/// The part of a model's `config.json` that describes the network; the features are described in another part.
public struct ModelConfiguration: Codable, Hashable, Sendable {
    /// The only version of this format so far.
    public static let currentFormatVersion = 1

    /// Format version of this configuration.
    public var formatVersion: Int
    /// Short name of the model for users, such as `undertone-1`.
    public var id: String
    /// The classes, in the order of the network's outputs.
    public var labels: [String]
    /// The network.
    public var encoder: EncoderArchitecture
    /// Parameters that convert logits to probabilities.
    public var calibration: Calibration
    // Nil, not empty, for a model without them, so that its file is unchanged from before they existed.
    private var attributeNames: [String]?
    /// The head for sounds without words; nil if the model has none.
    public var vocal: VocalConfiguration?

    private enum CodingKeys: String, CodingKey {
        case formatVersion, id, labels, encoder, calibration, vocal
        case attributeNames = "attributes"
    }

    /// Attributes that a network can be trained on, each -1...1.
    public static let knownAttributes = ["arousal", "valence", "dominance"]

    /// Attributes that the network was trained on, in the order of its outputs; empty for most models.
    public var attributes: [String] {
        get { attributeNames ?? [] }
        set { attributeNames = newValue.isEmpty ? nil : newValue }
    }

    /// Conversion of logits to probabilities.
    public struct Calibration: Codable, Hashable, Sendable {
        /// Divisor of the logits before the softmax, fitted on speakers outside the training data; above 0.
        ///
        /// Guo, Pleiss, Sun, Weinberger 2017, arXiv:1706.04599.
        public var temperature: Float

        /// A temperature of 1 changes nothing.
        public init(temperature: Float = 1) { self.temperature = temperature }
    }

    /// Creates a description in the current format.
    public init(
        id: String,
        labels: [String],
        encoder: EncoderArchitecture,
        calibration: Calibration = .init(),
        attributes: [String] = [],
        vocal: VocalConfiguration? = nil
    ) {
        self.vocal = vocal
        formatVersion = Self.currentFormatVersion
        self.id = id
        self.labels = labels
        self.encoder = encoder
        self.calibration = calibration
        self.attributes = attributes
    }

    /// Throws if no network can be built from this description; called before memory is allocated.
    public func validate() throws(ModelError) {
        try require(
            formatVersion == Self.currentFormatVersion,
            "it has format version \(formatVersion), and this program reads \(Self.currentFormatVersion)"
        )
        try require(!id.isEmpty && id.utf8.count <= 128, "its id is not 1 to 128 bytes long")
        try require(
            !labels.isEmpty,
            "it is a pre-trained encoder without an emotion head; give it one with undertone-train finetune"
        )
        try require((2...64).contains(labels.count), "it has \(labels.count) labels, not 2 to 64")
        try require(Set(labels).count == labels.count, "it has a duplicate label")
        try require(
            labels.allSatisfy { (1...64).contains($0.utf8.count) },
            "one label is not 1 to 64 bytes long"
        )
        try require(
            (0.01...100).contains(calibration.temperature),
            "calibration.temperature is not 0.01 to 100"
        )
        if let unknown = attributes.first(where: { !Self.knownAttributes.contains($0) }) {
            let known = Self.knownAttributes.joined(separator: ", ")
            throw .incompatible(reason: "its attribute \"\(unknown.prefix(64))\" is none of \(known)")
        }
        try require(Set(attributes).count == attributes.count, "it has a duplicate attribute")
        if let problem = vocal?.problem { throw .incompatible(reason: "its \(problem)") }
        try require(
            vocal == nil || encoder.pooling == .statistics,
            "it has a vocal head, which needs the pooling statistics"
        )
        try encoder.validate()
    }

    private func require(_ condition: Bool, _ reason: String) throws(ModelError) {
        guard condition else { throw .incompatible(reason: reason) }
    }
}
