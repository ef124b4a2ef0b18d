// SPDX-License-Identifier: Apache-2.0
public import SpeechFeatures

/// All settings that determine the content of one feature table: the key of the cache.
///
/// Two runs with equal jobs share a table; any change, including that of the feature set's version, makes a new one.
public struct FeatureJob: Codable, Hashable, Sendable {
    /// Increased when the code that makes tables changes, so that old tables are not used as new ones.
    static let currentVersion = 3

    /// Version of the code that makes tables.
    let version: Int
    /// The feature set, with its own version.
    public let features: FeatureSet
    /// Names of the clips, in order.
    public let clips: [String]
    /// Number of the varied copy, from 1; 0 is the clean clip.
    public let copy: Int
    /// Seed of the random numbers.
    public let seed: UInt64
    /// Variation of the copies; nil for the clean clip.
    public let augmentation: Augmentation?
    /// Names of the noise recordings for the copies.
    public let noises: [String]
    /// Settings for marking speech; nil for recordings without any.
    public let marker: SpeechMarker?
    /// Detector whose table marks speech where it finds any; nil if only the level marks it.
    public let detector: SpeechDetector?

    /// True if this version of the code makes such tables.
    var isCurrent: Bool { version == Self.currentVersion }

    /// Creates the job for one copy of `clips`.
    ///
    /// - Parameters:
    ///   - features: the feature set.
    ///   - clips: the clips, in the order of the table.
    ///   - marker: marks speech; nil if the clips contain none.
    ///   - detector: marks speech instead of the level; nil for none.
    ///   - variation: variation of this copy; nil for the clean clips.
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
        /// Number of the copy, from 1.
        public let copy: Int
        /// Seed of the random numbers.
        public let seed: UInt64
        /// Variation of the copies.
        public let augmentation: Augmentation
        /// The recordings of noise.
        public let noises: [Clip]

        /// Sets each property to the parameter of its name.
        public init(copy: Int, seed: UInt64, augmentation: Augmentation, noises: [Clip]) {
            (self.copy, self.seed, self.augmentation, self.noises) = (copy, seed, augmentation, noises)
        }
    }
}
