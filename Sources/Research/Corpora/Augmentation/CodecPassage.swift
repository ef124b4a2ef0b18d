// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Resampling

/// Encodes and decodes clips with a real codec, as a telephone, a messenger or an archive does.
public struct CodecPassage: Codable, Hashable, Sendable {
    /// Share of clips that pass a codec.
    public let probability: Double
    /// Codecs, all equally likely.
    public let codecs: [Choice]

    /// One codec.
    public struct Choice: Codable, Hashable, Sendable {
        /// Opus and MP3 at the clip's own rate; the telephone's codecs at 8 kHz.
        public enum Kind: String, Codable, CaseIterable, Sendable {
            case opus, mp3, gsm, muLaw, aLaw
        }

        /// The codec.
        public let kind: Kind
        /// Bit rate, lowest and highest, in kbit/s; nil for a codec with a fixed rate.
        public let kilobits: [Double]?

        /// Sets each property to the parameter of its name.
        public init(kind: Kind, kilobits: [Double]? = nil) { (self.kind, self.kilobits) = (kind, kilobits) }
    }

    /// Sets each property to the parameter of its name.
    public init(probability: Double, codecs: [Choice]) {
        (self.probability, self.codecs) = (probability, codecs)
    }

    var problem: String? {
        if !(0...1).contains(probability) { return "probability must be between 0 and 1" }
        if codecs.isEmpty { return "codecs must name at least one" }
        return codecs.compactMap(\.problem).first.map { "codecs: \($0)" }
    }

    /// Returns `samples` after a random codec, with the same length and timing, or unchanged.
    func vary(
        _ samples: [Float],
        sampleRate: Int,
        using random: inout SplitMix64
    ) throws(CorporaError) -> [Float] {
        guard random.happens(probability), let choice = codecs.randomElement(using: &random) else {
            return samples
        }
        let codec = choice.codec(using: &random)
        do {
            guard choice.kind.isTelephone else {
                return try codec.encodeAndDecode(samples, sampleRate: sampleRate)
            }
            let narrow = try resampled(samples, from: sampleRate, to: Self.telephoneRate)
            let heard = try codec.encodeAndDecode(narrow, sampleRate: Self.telephoneRate)
            var wide = try resampled(heard, from: Self.telephoneRate, to: sampleRate)
            // An odd last sample has no counterpart at half the rate.
            wide.append(contentsOf: repeatElement(0, count: max(0, samples.count - wide.count)))
            return Array(wide.prefix(samples.count))
        } catch {
            throw .audio(description: String(describing: error))
        }
    }

    private static let telephoneRate = 8_000
}

extension CodecPassage.Choice {
    fileprivate var problem: String? {
        guard kind == .opus || kind == .mp3 else {
            return kilobits == nil ? nil : "\(kind.rawValue) has one bit rate; leave kilobits out"
        }
        guard let kilobits else { return "\(kind.rawValue) needs kilobits" }
        if let problem = kilobits.rangeProblem { return "kilobits \(problem)" }
        return kilobits.allSatisfy((6...160).contains) ? nil : "kilobits must be between 6 and 160"
    }

    fileprivate func codec(using random: inout SplitMix64) -> LossyCodec {
        switch kind {
        case .opus: .opus(kilobits: draw(kilobits ?? [16, 16], &random))
        case .mp3: .mp3(kilobits: draw(kilobits ?? [32, 32], &random))
        case .gsm: .gsm
        case .muLaw: .muLaw
        case .aLaw: .aLaw
        }
    }
}

extension CodecPassage.Choice.Kind {
    fileprivate var isTelephone: Bool { self != .opus && self != .mp3 }
}
