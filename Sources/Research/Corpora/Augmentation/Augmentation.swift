// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Random variation of training clips: speed, room, noise, gain, band, codec, drawn separately for each clip and copy.
///
/// The order follows the recording: another voice speaks in a room, the microphone adds noise and its gain, and the line
/// follows. Absent parts draw no random numbers, so a recipe without them still makes the same copies as before they
/// existed.
public struct Augmentation: Codable, Hashable, Sendable {
    /// Changes of speed; nil for none.
    public let speed: SpeedChange?
    /// Share of clips that get a room.
    public let roomProbability: Double
    /// The room's reverberation time (to -60 dB), lowest and highest, in seconds.
    public let roomSeconds: [Double]
    /// Measured rooms; nil if all are computed.
    public let measuredRooms: MeasuredRooms?
    /// Energy of the direct sound relative to that of the room, lowest and highest, in decibels.
    public let directDecibels: [Double]
    /// Share of clips that get noise.
    public let noiseProbability: Double
    /// Level of speech relative to noise, lowest and highest, in decibels.
    public let noiseDecibels: [Double]
    /// Gain, lowest and highest, in decibels.
    public let gainDecibels: [Double]
    /// Narrow-band lines; nil for none.
    public let band: BandLimit?
    /// Codecs; nil for none.
    public let codec: CodecPassage?

    /// Sets each property to the parameter of its name.
    public init(
        speed: SpeedChange? = nil,
        roomProbability: Double,
        roomSeconds: [Double],
        directDecibels: [Double],
        measuredRooms: MeasuredRooms? = nil,
        noiseProbability: Double,
        noiseDecibels: [Double],
        gainDecibels: [Double],
        band: BandLimit? = nil,
        codec: CodecPassage? = nil
    ) {
        (self.speed, self.band, self.codec) = (speed, band, codec)
        self.roomProbability = roomProbability
        self.roomSeconds = roomSeconds
        self.directDecibels = directDecibels
        self.measuredRooms = measuredRooms
        self.noiseProbability = noiseProbability
        self.noiseDecibels = noiseDecibels
        self.gainDecibels = gainDecibels
    }

    /// Description of the first invalid number; nil if there is none.
    public var problem: String? {
        for (name, range) in [
            ("roomSeconds", roomSeconds), ("directDecibels", directDecibels),
            ("noiseDecibels", noiseDecibels),
            ("gainDecibels", gainDecibels),
        ] {
            if let problem = range.rangeProblem { return "\(name) \(problem)" }
        }
        for (name, share) in [("roomProbability", roomProbability), ("noiseProbability", noiseProbability)]
        where !(0...1).contains(share) {
            return "\(name) must be between 0 and 1"
        }
        if !(roomSeconds[0] > 0 && roomSeconds[1] <= 10) {
            return "roomSeconds must be above 0 and at most 10"
        }
        if let problem = measuredRooms?.problem { return "measuredRooms.\(problem)" }
        return speed?.problem.map { "speed.\($0)" } ?? band?.problem.map { "band.\($0)" }
            ?? codec?.problem
            .map { "codec.\($0)" }
    }

    /// Returns `samples` at a random speed. The length changes with it, so speech must be marked afterwards.
    public func changeVoice(
        _ samples: [Float],
        sampleRate: Int,
        using random: inout SplitMix64
    ) throws(CorporaError) -> [Float] {
        guard let speed else { return samples }
        return try speed.vary(samples, sampleRate: sampleRate, using: &random)
    }

    /// Returns a varied copy of `samples`, of the same length, within -1...1: all variations except the speed.
    ///
    /// - Parameters:
    ///   - samples: the clean clip, mono, with its speed already changed.
    ///   - speechLevel: root mean square of its speech; the noise level is relative to it, not to the silence around it.
    ///   - rooms: the measured rooms; without them all rooms are computed.
    ///   - noise: source of the noise; without it no noise is added.
    ///   - sampleRate: in Hz.
    /// - Throws: if a codec cannot be used.
    public func vary(
        _ samples: [Float],
        speechLevel: Float,
        rooms: RoomBank? = nil,
        noise: NoiseBank?,
        sampleRate: Int,
        using random: inout SplitMix64
    ) throws(CorporaError) -> [Float] {
        var varied = samples
        if random.happens(roomProbability) {
            varied = inRoom(varied, of: rooms, sampleRate: sampleRate, using: &random)
        }
        if let noise, random.happens(noiseProbability) {
            let level = speechLevel * Float(pow(10, -draw(noiseDecibels, &random) / 20))
            noise.add(to: &varied, level: level, using: &random)
        }
        let gain = Float(pow(10, draw(gainDecibels, &random) / 20))
        varied = varied.map { max(-1, min(1, $0 * gain)) }
        if let band { varied = band.vary(varied, sampleRate: sampleRate, using: &random) }
        if let codec { varied = try codec.vary(varied, sampleRate: sampleRate, using: &random) }
        return varied.map { max(-1, min(1, $0)) }
    }

    private func inRoom(
        _ samples: [Float],
        of rooms: RoomBank?,
        sampleRate: Int,
        using random: inout SplitMix64
    )
        -> [Float]
    {
        if let measuredRooms, let rooms, random.happens(measuredRooms.share) {
            return rooms.sound(of: samples, using: &random)
        }
        let room = Room(
            decaySeconds: draw(roomSeconds, &random),
            directDecibels: draw(directDecibels, &random),
            sampleRate: sampleRate,
            using: &random
        )
        return room.sound(of: samples)
    }
}

/// A random number from a valid range of lowest and highest.
func draw(_ range: [Double], _ random: inout SplitMix64) -> Double {
    Double.random(in: range[0]...range[1], using: &random)
}

extension [Double] {
    /// Description of the error in a range; nil if it is valid.
    var rangeProblem: String? {
        count == 2 && self[0] <= self[1] && allSatisfy(\.isFinite)
            ? nil : "must be two numbers, lowest and highest"
    }
}
