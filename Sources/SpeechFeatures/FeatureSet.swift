// SPDX-License-Identifier: Apache-2.0

/// The exact definition of the feature frames a model was trained on; stored in the model's `config.json`.
///
/// Equal values give equal frames. ``version`` names the arithmetic: changed arithmetic gets a new name, and a set with
/// an unknown name is refused. All fields have documented defaults, see ``standard``.
public struct FeatureSet: Sendable, Hashable {
    /// Names of the arithmetics that this code knows, oldest first. The second adds a high-pass.
    public static let knownVersions = ["undertone-features/1", "undertone-features/2"]
    /// The set that new models are trained on.
    public static let standard = FeatureSet()
    /// The standard set of version 1, which had no high-pass. Models of that version still run on it.
    public static let firstVersion = {
        var set = FeatureSet()
        set.highPass = nil
        return set
    }()

    /// Name of the arithmetic; one of ``knownVersions``.
    public var version: String { Self.knownVersions[highPass == nil ? 0 : 1] }
    /// Filter that removes offset, rumble and hum before all other steps; nil in version 1.
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
    /// The defaults pass frequencies above 88 Hz within 0.2 dB (80 Hz: -12 dB) and attenuate those up to 50 Hz, and
    /// 60 Hz ± 0.5 Hz, by 76 dB or more: a Chebyshev filter with prescribed zeros (Cameron, "General coupling matrix
    /// synthesis methods for Chebyshev filtering functions", 1999, section II).
    public struct HighPass: Sendable, Hashable, Codable {
        /// One section, which removes ``zeroHz`` and passes frequencies well above ``poleHz``.
        public struct Section: Sendable, Hashable, Codable {
            /// Frequency that is removed; at most ``poleHz``.
            public var zeroHz: Double
            /// Frequency of the resonance.
            public var poleHz: Double
            /// Quality factor of the resonance.
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
        /// Lowest fundamental that is searched for.
        public var lowestHz: Float = 60
        /// Highest fundamental that is searched for.
        public var highestHz: Float = 500
        /// Segment that is compared with earlier samples, in samples of the full rate (25 ms).
        public var windowSamples = 400
        /// Corner of the low-pass filter.
        public var lowpassHz: Float = 2_000
        /// Correlation that a voiced candidate must exceed, 0...1.
        public var voicingThreshold: Float = 0.66
        /// Bonus of a candidate for each octave above ``lowestHz``: prefers the true period to its multiples.
        public var octaveGain: Float = 0.04
        /// Cost of a pitch jump, for each octave.
        public var jumpCost: Float = 0.7
        /// Cost of a change between voiced and unvoiced.
        public var voicingChangeCost: Float = 0.14
        /// Height above the noise floor, in log-mel units, below which voicing becomes unlikely.
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

    /// Parameters of the running level. Log-mel units are natural logarithms of power: 1 is 4.3 dB.
    public struct Level: Sendable, Hashable, Codable {
        /// Lower edge of the bands whose mean is a frame's loudness.
        public var lowestHz: Float = 200
        /// Upper edge of those bands: every microphone and codec passes this range.
        public var highestHz: Float = 3_800
        /// A frame quieter than this carries no signal (digital silence) and is ignored.
        public var deadLoudness: Float = -2
        /// The floor is the minimum over ``floorBlockCount`` blocks of this many frames (Martin 2001).
        public var floorBlockFrames = 32
        /// Number of blocks.
        public var floorBlockCount = 8
        /// At the start of a stream the floor is assumed to be this much lower than the loudness so far, since a stream may
        /// begin in the middle of a word.
        public var startDoubt: Float = 3
        /// Half-life of ``startDoubt``, in feature frames.
        public var startDoubtFrames: Float = 30
        /// Height above the floor where a frame begins to count as speech.
        public var gateHeight: Float = 1.5
        /// Further height up to which its weight rises to 1.
        public var gateWidth: Float = 2.5
        /// Height added by full voicing; below ``gateHeight``, so that a steady hum never counts as speech.
        public var voicedHeight: Float = 1
        /// Weight of loud frames without voicing near them, 0...1: noises, whispers.
        public var unvoicedWeight: Float = 0.05
        /// Decay factor of voicing for each frame, so that consonants next to vowels count as voiced.
        public var voicingDecay: Float = 0.92
        /// Memory of the running level, in frames of full speech.
        public var memoryFrames: Float = 400
        /// A frame's weight is exp(this times its loudness above the level): loud speech weighs more than breath.
        public var loudnessWeight: Float = 0.3
        /// Weight of the level that is assumed before any speech, in frames.
        public var priorFrames: Float = 2
        /// That assumed level, above the noise floor.
        public var priorHeight: Float = 6
        /// Normalised values are within `-limit...limit`.
        public var limit: Float = 10

        /// The defaults.
        public init() {}
    }
}

extension FeatureSet {
    /// Values in a feature frame: the mel bands, then ``Prosody/allCases``.
    public var featureCount: Int { spectrum.bandCount + Prosody.allCases.count }

    /// Index in a feature frame of a value that follows the mel bands.
    public func index(of value: Prosody) -> Int { spectrum.bandCount + value.rawValue }

    /// The values after the mel bands, in their order.
    public enum Prosody: Int, Sendable, CaseIterable {
        /// log2(F0 / reference) in octaves; 0 when unvoiced.
        case pitch
        /// Octaves above the speaker's running mean pitch; 0 when unvoiced.
        case relativePitch
        /// Octaves gained over the last frames of this voiced segment; -1...1, 0 when unvoiced.
        case pitchSlope
        /// Periodicity of the best candidate, 0...1, for voiced and unvoiced frames.
        case voicing
        /// Logarithm of the mean of all mel energies, minus the running level; `-limit...limit`.
        case loudness
        /// Weight of the frame as speech, 0...1.
        case speech
    }
}

extension FeatureSet {
    /// Names of the values of a frame, in order: `mel0`... and the prosody's.
    public var featureNames: [String] {
        (0..<spectrum.bandCount).map { "mel\($0)" } + Prosody.allCases.map { "\($0)" }
    }
}
