// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// What the server says about itself in `hello`.
public struct ServerIdentity: Sendable {
    /// Protocol version that this module speaks: major breaks, minor adds.
    public static let protocolVersion = (major: 1, minor: 0)

    /// Program and version, such as `undertone/0.1.0`.
    public var server: String
    /// Random for each start, hexadecimal: a client that sees another one knows that counters began anew.
    public var instance = Self.randomInstance()
    /// The model that listens.
    public var model: Model

    /// A server with this name and model.
    public init(server: String, model: Model) {
        self.server = server
        self.model = model
    }

    /// What clients must know about the model.
    public struct Model: Sendable {
        /// Short name.
        public var id: String
        /// SHA-256 of the weights, 64 hexadecimal digits.
        public var sha256: String
        /// Labels in the order of the probabilities.
        public var labels: [String]
        /// Time between two estimates.
        public var hopMilliseconds: Int
        /// Whether no estimate depends on audio after it.
        public var isCausal: Bool
        /// Time from a sound to the first frame that may know of it, computed from the network's geometry.
        public var latencyMilliseconds: Double
        /// What the probabilities were calibrated on; nil if they were not.
        public var calibrationSet: String?
        /// Attributes in the order of their values; mostly none.
        public var attributes: [String]
        /// Whether a voice is compared with what it did before.
        public var followsVoices: Bool

        /// A model from all its parts.
        public init(
            id: String,
            sha256: String,
            labels: [String],
            hopMilliseconds: Int,
            isCausal: Bool,
            latencyMilliseconds: Double,
            calibrationSet: String?,
            attributes: [String] = [],
            followsVoices: Bool = false
        ) {
            self.id = id
            self.sha256 = sha256
            self.labels = labels
            self.hopMilliseconds = hopMilliseconds
            self.isCausal = isCausal
            self.latencyMilliseconds = latencyMilliseconds
            self.calibrationSet = calibrationSet
            self.attributes = attributes
            self.followsVoices = followsVoices
        }
    }

    private static func randomInstance() -> String {
        let text = String(UInt64.random(in: 0 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
