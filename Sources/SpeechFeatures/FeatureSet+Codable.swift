// SPDX-License-Identifier: Apache-2.0

/// The reason why a feature set cannot be used.
public enum FeatureSetError: Error, Equatable, CustomStringConvertible {
    /// The model uses features that this program does not know.
    case unknownVersion(String)
    /// A number is outside the supported range.
    case outOfRange(field: String, value: String, allowed: String)

    /// One sentence for users.
    public var description: String {
        switch self {
        case .unknownVersion(let version):
            """
            The model uses the features "\(version)", but this program knows only \
            "\(FeatureSet.knownVersions.joined(separator: "\" and \""))": update Undertone or choose another model.
            """
        case .outOfRange(let field, let value, let allowed):
            "The feature set's \(field) is \(value), but must be \(allowed): the model's config.json is damaged."
        }
    }
}

extension FeatureSet: Codable {
    private enum CodingKeys: String, CodingKey { case version, highPass, spectrum, pitch, level }

    /// Throws ``FeatureSetError`` for an unknown version or an impossible number, `DecodingError` for a missing one.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let version = try fields.decode(String.self, forKey: .version)
        guard Self.knownVersions.contains(version) else { throw FeatureSetError.unknownVersion(version) }
        highPass =
            version == Self.knownVersions[0] ? nil : try fields.decode(HighPass.self, forKey: .highPass)
        spectrum = try fields.decode(Spectrum.self, forKey: .spectrum)
        pitch = try fields.decode(Pitch.self, forKey: .pitch)
        level = try fields.decode(Level.self, forKey: .level)
        try check()
    }

    /// Writes all numbers, including defaults.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(version, forKey: .version)
        try fields.encodeIfPresent(highPass, forKey: .highPass)
        try fields.encode(spectrum, forKey: .spectrum)
        try fields.encode(pitch, forKey: .pitch)
        try fields.encode(level, forKey: .level)
    }

    /// Throws for numbers outside the supported ranges.
    public func check() throws(FeatureSetError) {
        try highPass?.check()
        try spectrum.check()
        try pitch.check()
        try level.check()
    }
}

private func require<Value: Comparable>(
    _ value: Value,
    in range: ClosedRange<Value>,
    _ field: String
) throws(FeatureSetError) {
    if range.contains(value) { return }
    let allowed =
        range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    throw .outOfRange(field: field, value: "\(value)", allowed: allowed)
}

extension FeatureSet.HighPass {
    fileprivate func check() throws(FeatureSetError) {
        try require(sections.count, in: 1...8, "number of highPass.sections")
        for section in sections {
            try require(section.poleHz, in: 1...2_000, "highPass.sections.poleHz")
            try require(section.zeroHz, in: 0...section.poleHz, "highPass.sections.zeroHz")
            try require(section.quality, in: 0.1...20, "highPass.sections.quality")
        }
    }
}

extension FeatureSet.Spectrum {
    fileprivate func check() throws(FeatureSetError) {
        try require(sampleRate, in: 16_000...16_000, "spectrum.sampleRate")
        try require(fftLengthSamples, in: 512...512, "spectrum.fftLengthSamples")
        try require(windowSamples, in: 32...512, "spectrum.windowSamples")
        try require(hopSamples, in: 1...windowSamples, "spectrum.hopSamples")
        try require(bandCount, in: 1...256, "spectrum.bandCount")
        try require(lowestHz, in: 0...7_000, "spectrum.lowestHz")
        try require(highestHz, in: lowestHz + 100...8_000, "spectrum.highestHz")
        try require(preemphasis, in: 0...0.999, "spectrum.preemphasis")
    }
}

extension FeatureSet.Pitch {
    fileprivate func check() throws(FeatureSetError) {
        try require(lowestHz, in: 30...400, "pitch.lowestHz")
        try require(highestHz, in: lowestHz + 50...1_000, "pitch.highestHz")
        try require(windowSamples, in: 64...4_096, "pitch.windowSamples")
        try require(lowpassHz, in: highestHz...4_000, "pitch.lowpassHz")
        try require(voicingThreshold, in: 0...1, "pitch.voicingThreshold")
        try require(octaveGain, in: 0...1, "pitch.octaveGain")
        try require(jumpCost, in: 0...10, "pitch.jumpCost")
        try require(voicingChangeCost, in: 0...10, "pitch.voicingChangeCost")
        try require(quietHeight, in: 0.01...20, "pitch.quietHeight")
        try require(referenceHz, in: 20...1_000, "pitch.referenceHz")
        try require(slopeFrames, in: 1...100, "pitch.slopeFrames")
        try require(memoryFrames, in: 1...1_000_000, "pitch.memoryFrames")
    }
}

extension FeatureSet.Level {
    fileprivate func check() throws(FeatureSetError) {
        try require(lowestHz, in: 0...7_000, "level.lowestHz")
        try require(highestHz, in: lowestHz + 100...8_000, "level.highestHz")
        try require(deadLoudness, in: -15...10, "level.deadLoudness")
        try require(floorBlockFrames, in: 1...10_000, "level.floorBlockFrames")
        try require(floorBlockCount, in: 1...1_000, "level.floorBlockCount")
        try require(startDoubt, in: 0...20, "level.startDoubt")
        try require(startDoubtFrames, in: 1...10_000, "level.startDoubtFrames")
        try require(gateHeight, in: 0...20, "level.gateHeight")
        try require(gateWidth, in: 0.01...20, "level.gateWidth")
        try require(voicedHeight, in: 0...gateHeight, "level.voicedHeight")
        try require(unvoicedWeight, in: 0...1, "level.unvoicedWeight")
        try require(voicingDecay, in: 0...0.999, "level.voicingDecay")
        try require(memoryFrames, in: 1...1_000_000, "level.memoryFrames")
        try require(loudnessWeight, in: 0...2, "level.loudnessWeight")
        try require(priorFrames, in: 0.001...1_000, "level.priorFrames")
        try require(priorHeight, in: 0...20, "level.priorHeight")
        try require(limit, in: 1...30, "level.limit")
    }
}
