// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// Contents of `hello` about the server.
public struct ServerIdentity: Sendable {
    /// Protocol version that this module speaks: major breaks, minor adds.
    public static let protocolVersion = (major: 1, minor: 0)

    /// Program and version, such as `undertone/0.1.0`.
    public var server: String
    /// Random for each start, hexadecimal: if it changes, all counters have restarted.
    public var instance = Self.randomInstance()
    /// The model in use.
    public var model: Model

    /// A server with this name and model.
    public init(server: String, model: Model) {
        self.server = server
        self.model = model
    }

    /// Properties of the model that clients need.
    public struct Model: Sendable {
        /// Short name.
        public var id: String
        /// SHA-256 of the weights, 64 hexadecimal digits.
        public var sha256: String
        /// Labels in the order of the probabilities.
        public var labels: [String]
        /// Time between two estimates.
        public var hopMilliseconds: Int
        /// True if no estimate depends on later audio.
        public var isCausal: Bool
        /// Delay from a sound to the first frame that depends on it, computed from the network's geometry.
        public var latencyMilliseconds: Double
        /// Data on which the probabilities were calibrated; nil if uncalibrated.
        public var calibrationSet: String?
        /// Attributes in the order of their values; usually none.
        public var attributes: [String]
        /// True if estimates use a baseline of the same voice.
        public var followsVoices: Bool

        /// Creates a model.
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
