// SPDX-License-Identifier: Apache-2.0
public import ModelBundle
import NeuralLayers

/// The part of a model's `config.json` that describes the network; features are described beside it.
public struct ModelConfiguration: Codable, Hashable, Sendable {
    /// The only version of this description that there is so far.
    public static let currentFormatVersion = 1

    /// The version this configuration was written in.
    public var formatVersion: Int
    /// A short name of the model for people, as `undertone-1`.
    public var id: String
    /// The classes, in the order of the network's outputs.
    public var labels: [String]
    /// The network.
    public var encoder: EncoderArchitecture
    /// What makes its numbers probabilities.
    public var calibration: Calibration
    // Absent and not empty in the file of a model without them: such a file is as it was before there were any.
    private var attributeNames: [String]?
    /// The head that names sounds without words; nil for a model that has none.
    public var vocal: VocalConfiguration?

    private enum CodingKeys: String, CodingKey {
        case formatVersion, id, labels, encoder, calibration, vocal
        case attributeNames = "attributes"
    }

    /// The attributes that a network can be taught, each -1...1.
    public static let knownAttributes = ["arousal", "valence", "dominance"]

    /// The attributes that the network was taught, in the order of its outputs; mostly none.
    public var attributes: [String] {
        get { attributeNames ?? [] }
        set { attributeNames = newValue.isEmpty ? nil : newValue }
    }

    /// How logits become probabilities.
    public struct Calibration: Codable, Hashable, Sendable {
        /// Logits are divided by this before the softmax, fitted on speakers that training did not see; above 0.
        ///
        /// Guo, Pleiss, Sun, Weinberger 2017, arXiv:1706.04599.
        public var temperature: Float

        /// A temperature of 1 changes nothing.
        public init(temperature: Float = 1) { self.temperature = temperature }
    }

    /// Describes a network in the current format.
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

    /// Refuses what no network can be built from; called before any memory is taken.
    public func validate() throws(ModelError) {
        try require(
            formatVersion == Self.currentFormatVersion,
            "it has format version \(formatVersion), and this program reads \(Self.currentFormatVersion)"
        )
        try require(!id.isEmpty && id.utf8.count <= 128, "its id is not of 1 to 128 bytes")
        try require(
            !labels.isEmpty,
            "it is a pre-trained encoder without an emotion head; give it one with undertone-train finetune"
        )
        try require((2...64).contains(labels.count), "it has \(labels.count) labels, not 2 to 64")
        try require(Set(labels).count == labels.count, "it has a label twice")
        try require(
            labels.allSatisfy { (1...64).contains($0.utf8.count) },
            "it has a label not of 1 to 64 bytes"
        )
        try require(
            (0.01...100).contains(calibration.temperature),
            "calibration.temperature is not 0.01 to 100"
        )
        if let stranger = attributes.first(where: { !Self.knownAttributes.contains($0) }) {
            let known = Self.knownAttributes.joined(separator: ", ")
            throw .incompatible(reason: "its attribute \"\(stranger.prefix(64))\" is none of \(known)")
        }
        try require(Set(attributes).count == attributes.count, "it has an attribute twice")
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
