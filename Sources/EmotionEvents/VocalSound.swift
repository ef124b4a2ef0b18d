// SPDX-License-Identifier: Apache-2.0

/// A vocal sound without words, such as a laugh.
public struct VocalSound: BitwiseCopyable, Sendable, Equatable {
    /// Kinds that can be recognised.
    public enum Kind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        case laughing, crying, coughing, screaming

        /// The word in the protocol.
        public var word: StaticString {
            switch self {
            case .laughing: "laughing"
            case .crying: "crying"
            case .coughing: "coughing"
            case .screaming: "screaming"
            }
        }
    }

    /// Kind of sound.
    public var kind: Kind
    /// First sample of the sound, on the audio clock.
    public var startSample: Int64
    /// One past its last sample.
    public var endSample: Int64
    /// Probability of the kind, 0...1.
    public var probability: Float

    /// Creates a sound from all its parts.
    public init(kind: Kind, startSample: Int64, endSample: Int64, probability: Float) {
        self.kind = kind
        self.startSample = startSample
        self.endSample = endSample
        self.probability = probability
    }
}
