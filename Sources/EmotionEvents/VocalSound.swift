// SPDX-License-Identifier: Apache-2.0

/// A sound of a voice without words, such as a laugh.
public struct VocalSound: BitwiseCopyable, Sendable, Equatable {
    /// The sounds that can be named.
    public enum Kind: UInt8, BitwiseCopyable, Sendable, CaseIterable {
        case laughing, crying, coughing, screaming

        /// The word on the wire.
        public var word: StaticString {
            switch self {
            case .laughing: "laughing"
            case .crying: "crying"
            case .coughing: "coughing"
            case .screaming: "screaming"
            }
        }
    }

    /// What it is.
    public var kind: Kind
    /// First sample of the sound, on the audio clock.
    public var startSample: Int64
    /// One past its last sample.
    public var endSample: Int64
    /// Probability of the kind, 0...1.
    public var probability: Float

    /// A sound from all its parts.
    public init(kind: Kind, startSample: Int64, endSample: Int64, probability: Float) {
        self.kind = kind
        self.startSample = startSample
        self.endSample = endSample
        self.probability = probability
    }
}
