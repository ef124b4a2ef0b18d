// SPDX-License-Identifier: Apache-2.0
public import SpeechFeatures

/// Everything that decides the content of one feature table: the key of the cache.
///
/// Two runs with equal jobs share a table; any change, the version of the feature set among them, makes a new one.
public struct FeatureJob: Codable, Hashable, Sendable {
    /// Counts changes of the code that makes tables, so that old tables are not taken for new ones.
    static let currentVersion = 3

    /// The version of the code that makes tables.
    let version: Int
    /// The feature set, with its own version.
    public let features: FeatureSet
    /// The names of the clips, in order.
    public let clips: [String]
    /// The varied copy, counted from 1; 0 is the clean clip.
    public let copy: Int
    /// What random draws begin with.
    public let seed: UInt64
    /// How copies vary; `nil` for the clean clip.
    public let augmentation: Augmentation?
    /// The names of the noise recordings that copies draw from.
    public let noises: [String]
    /// How speech is marked; `nil` for recordings without any.
    public let marker: SpeechMarker?
    /// Detector whose table marks speech where it finds any; `nil` where the level alone marks it.
    public let detector: SpeechDetector?

    /// Whether this version of the code makes such tables.
    var isCurrent: Bool { version == Self.currentVersion }

    /// The job that makes one copy of `clips`.
    ///
    /// - Parameters:
    ///   - features: the feature set.
    ///   - clips: the clips, in the order in which the table holds them.
    ///   - marker: marks speech; `nil` if the clips hold none.
    ///   - detector: marks speech in place of the level; `nil` for none.
    ///   - variation: how this copy varies; `nil` for the clean clips.
    public init(
        features: FeatureSet,
        clips: [Clip],
        marker: SpeechMarker?,
        detector: SpeechDetector? = nil,
        variation: Variation?
    ) {
        version = Self.currentVersion
        self.features = features
        self.clips = clips.map(\.name)
        copy = variation?.copy ?? 0
        seed = variation?.seed ?? 0
        augmentation = variation?.augmentation
        noises = variation?.noises.map(\.name) ?? []
        self.marker = marker
        self.detector = detector
    }

    /// One varied copy of a corpus.
    public struct Variation: Sendable {
        /// Counted from 1.
        public let copy: Int
        /// What random draws begin with.
        public let seed: UInt64
        /// How copies vary.
        public let augmentation: Augmentation
        /// The recordings of noise.
        public let noises: [Clip]

        /// Each parameter as its property says.
        public init(copy: Int, seed: UInt64, augmentation: Augmentation, noises: [Clip]) {
            (self.copy, self.seed, self.augmentation, self.noises) = (copy, seed, augmentation, noises)
        }
    }
}
