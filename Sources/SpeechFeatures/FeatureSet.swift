// SPDX-License-Identifier: Apache-2.0

/// The exact definition of the feature frames a model was trained on; stored in the model's `config.json`.
///
/// Two equal values give equal frames. The arithmetic belongs to ``version``: a change of it takes a new name,
/// and a set with an unknown name is refused. All fields have documented defaults, see ``standard``.
public struct FeatureSet: Sendable, Hashable {
    /// Names of the arithmetics that this code knows, oldest first. The second has a high-pass.
    public static let knownVersions = ["undertone-features/1", "undertone-features/2"]
    /// The set that new models are trained on.
    public static let standard = FeatureSet()
    /// The standard set of version 1, which had no high-pass. Models of that version still run on it.
    public static let firstVersion = {
        var set = FeatureSet()
        set.highPass = nil
        return set
    }()

    /// Names the arithmetic; one of ``knownVersions``.
    public var version: String { Self.knownVersions[highPass == nil ? 0 : 1] }
    /// Filter that removes offset, rumble and hum before anything else; nil in version 1.
    public var highPass: HighPass? = HighPass()
    /// Framing and filter bank.
    public var spectrum = Spectrum()
    /// Fundamental frequency and voicing.
    public var pitch = Pitch()
    /// Noise floor, speech gate and running level.
    public var level = Level()

    /// The standard set.
    public init() {}

    /// A cascade of second-order high-pass sections.
    ///
    /// The defaults pass everything above 88 Hz within 0.2 dB (80 Hz: -12 dB) and weaken everything up to 50 Hz, and
    /// 60 Hz ± 0.5 Hz, by 76 dB or more: a Chebyshev filter with prescribed zeros (Cameron, "General coupling matrix
    /// synthesis methods for Chebyshev filtering functions", 1999, section II).
    public struct HighPass: Sendable, Hashable, Codable {
        /// One section, which removes ``zeroHz`` and lets through what lies well above ``poleHz``.
        public struct Section: Sendable, Hashable, Codable {
            /// Frequency that is removed; at most ``poleHz``.
            public var zeroHz: Double
            /// Frequency of the resonance.
            public var poleHz: Double
            /// How sharp the resonance is.
            public var quality: Double

            /// A section with these three numbers.
            public init(zeroHz: Double, poleHz: Double, quality: Double) {
                (self.zeroHz, self.poleHz, self.quality) = (zeroHz, poleHz, quality)
            }
        }

        /// The sections, in the order in which they are applied.
        public var sections = [
            Section(zeroHz: 0, poleHz: 162.9, quality: 0.57),
            Section(zeroHz: 30, poleHz: 115.8, quality: 1.08),
            Section(zeroHz: 50, poleHz: 93.2, quality: 2.45),
            Section(zeroHz: 60, poleHz: 85.3, quality: 8.75),
        ]

        /// The defaults.
        public init() {}
    }

    /// Kaldi's log-mel filter bank. Samples are multiplied by 32768 first, as Kaldi reads 16-bit integers.
    public struct Spectrum: Sendable, Hashable, Codable {
        /// Samples a second; the only rate is 16000.
        public var sampleRate = 16_000
        /// Analysis window (25 ms), Povey's: Hann to the power 0.85.
        public var windowSamples = 400
        /// Shift from frame to frame (10 ms).
        public var hopSamples = 160
        /// Transform length; the only one is 512.
        public var fftLengthSamples = 512
        /// Number of triangular mel bands.
        public var bandCount = 80
        /// Lower edge of the lowest band.
        public var lowestHz: Float = 20
        /// Upper edge of the highest band.
        public var highestHz: Float = 8_000
        /// First-order pre-emphasis, 0..<1.
        public var preemphasis: Float = 0.97

        /// Kaldi's defaults with 80 bands.
        public init() {}
    }

    /// A normalised-correlation tracker on the last 43 ms, low-passed to half the rate.
    public struct Pitch: Sendable, Hashable, Codable {
        /// Lowest fundamental that is looked for.
        public var lowestHz: Float = 60
        /// Highest fundamental that is looked for.
        public var highestHz: Float = 500
        /// The stretch that is compared with its past, in samples of the full rate (25 ms).
        public var windowSamples = 400
        /// Corner of the low-pass filter.
        public var lowpassHz: Float = 2_000
        /// Correlation a voiced candidate must exceed, 0...1.
        public var voicingThreshold: Float = 0.66
        /// Gain of a candidate for each octave above ``lowestHz``: prefers the true period to its multiples.
        public var octaveGain: Float = 0.04
        /// Cost of a jump, for each octave.
        public var jumpCost: Float = 0.7
        /// Cost of a change between voiced and unvoiced.
        public var voicingChangeCost: Float = 0.14
        /// Height over the noise floor, in log-mel units, below which voicing becomes unlikely.
        public var quietHeight: Float = 2
        /// Pitch features are in octaves around this frequency.
        public var referenceHz: Float = 160
        /// Span of the slope feature, in feature frames.
        public var slopeFrames = 5
        /// Memory of the speaker's mean pitch, in voiced feature frames.
        public var memoryFrames: Float = 500

        /// The defaults.
        public init() {}
    }

    /// What moves the running level. Log-mel units are natural logarithms of power: 1 is 4.3 dB.
    public struct Level: Sendable, Hashable, Codable {
        /// Lower edge of the bands whose mean is a frame's loudness.
        public var lowestHz: Float = 200
        /// Upper edge of them: what every microphone and codec passes.
        public var highestHz: Float = 3_800
        /// A frame quieter than this carries no signal (digital silence) and is ignored.
        public var deadLoudness: Float = -2
        /// The floor is the minimum over ``floorBlockCount`` blocks of this many frames (Martin 2001).
        public var floorBlockFrames = 32
        /// Number of blocks.
        public var floorBlockCount = 8
        /// In the first moments the floor is taken for this much lower than what was heard,
        /// since a stream may begin in the middle of a word.
        public var startDoubt: Float = 3
        /// Half-life of that doubt, in feature frames.
        public var startDoubtFrames: Float = 30
        /// Height over the floor where a frame begins to count as speech.
        public var gateHeight: Float = 1.5
        /// Further height until it counts fully.
        public var gateWidth: Float = 2.5
        /// Height that full voicing adds; below ``gateHeight``, so that a steady hum never counts.
        public var voicedHeight: Float = 1
        /// Weight of loud frames without voicing near them, 0...1: noises, whispers.
        public var unvoicedWeight: Float = 0.05
        /// Factor a frame by which voicing is remembered, so that consonants belong to their vowels.
        public var voicingDecay: Float = 0.92
        /// Memory of the running level, in frames of full speech.
        public var memoryFrames: Float = 400
        /// A frame weighs exp(this times its loudness over the level): loud speech more than breath.
        public var loudnessWeight: Float = 0.3
        /// Weight of the level that is expected before any speech, in frames.
        public var priorFrames: Float = 2
        /// That expected level, over the noise floor.
        public var priorHeight: Float = 6
        /// Normalised values lie in `-limit...limit`.
        public var limit: Float = 10

        /// The defaults.
        public init() {}
    }
}

extension FeatureSet {
    /// Values in a feature frame: the mel bands, then ``Prosody/allCases``.
    public var featureCount: Int { spectrum.bandCount + Prosody.allCases.count }

    /// Where a value that follows the mel bands is in a feature frame.
    public func index(of value: Prosody) -> Int { spectrum.bandCount + value.rawValue }

    /// The values after the mel bands, in their order.
    public enum Prosody: Int, Sendable, CaseIterable {
        /// log2(F0 / reference) in octaves; 0 when unvoiced.
        case pitch
        /// Octaves above the speaker's running mean pitch; 0 when unvoiced.
        case relativePitch
        /// Octaves gained over the last frames of this voiced stretch; -1...1, 0 when unvoiced.
        case pitchSlope
        /// Periodicity of the best candidate, 0...1, whether or not the frame is called voiced.
        case voicing
        /// Logarithm of the mean of all mel energies, less the running level; `-limit...limit`.
        case loudness
        /// How much the frame counts as speech, 0...1.
        case speech
    }
}

extension FeatureSet {
    /// Names of the values of a frame, in their order: `mel0`... and the prosody's.
    public var featureNames: [String] {
        (0..<spectrum.bandCount).map { "mel\($0)" } + Prosody.allCases.map { "\($0)" }
    }
}
