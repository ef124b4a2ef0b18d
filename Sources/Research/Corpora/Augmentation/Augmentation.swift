// SPDX-License-Identifier: Apache-2.0
import Foundation

/// How training varies a clip: speed, room, noise, gain, band, codec, each drawn anew for each clip and copy.
///
/// The order is that of the world: another voice speaks, the room colours it, the noise is added at the microphone, the
/// gain is the microphone's own, and what follows is the line. What is absent draws nothing, so that a recipe without
/// it makes the copies that it always made.
public struct Augmentation: Codable, Hashable, Sendable {
    /// Other speeds; absent where voices keep theirs.
    public let speed: SpeedChange?
    /// The share of clips that get a room.
    public let roomProbability: Double
    /// The room's reverberation time (to -60 dB), lowest and highest, in seconds.
    public let roomSeconds: [Double]
    /// Measured rooms; absent where all are computed.
    public let measuredRooms: MeasuredRooms?
    /// Energy of the direct sound over that of the room, lowest and highest, in decibels.
    public let directDecibels: [Double]
    /// The share of clips that get noise.
    public let noiseProbability: Double
    /// Speech over noise, lowest and highest, in decibels.
    public let noiseDecibels: [Double]
    /// Gain, lowest and highest, in decibels.
    public let gainDecibels: [Double]
    /// Narrow lines; absent where there are none.
    public let band: BandLimit?
    /// Codecs; absent where there are none.
    public let codec: CodecPassage?

    /// Each parameter as its property says.
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

    /// What is wrong with the numbers, or `nil`.
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
            return "\(name) must lie between 0 and 1"
        }
        if !(roomSeconds[0] > 0 && roomSeconds[1] <= 10) {
            return "roomSeconds must be above 0 and at most 10"
        }
        if let problem = measuredRooms?.problem { return "measuredRooms.\(problem)" }
        return speed?.problem.map { "speed.\($0)" } ?? band?.problem.map { "band.\($0)" }
            ?? codec?.problem
            .map { "codec.\($0)" }
    }

    /// Another voice: `samples` at a drawn speed. The length changes with it; marks are made afterwards.
    public func changeVoice(
        _ samples: [Float],
        sampleRate: Int,
        using random: inout SplitMix64
    ) throws(CorporaError) -> [Float] {
        guard let speed else { return samples }
        return try speed.vary(samples, sampleRate: sampleRate, using: &random)
    }

    /// A varied copy of `samples`, of the same length, within -1...1: everything but the speed.
    ///
    /// - Parameters:
    ///   - samples: the clean clip, mono, at its speed.
    ///   - speechLevel: root mean square of its speech; silence around it must not make the noise louder.
    ///   - rooms: the measured rooms; all rooms are computed without them.
    ///   - noise: where noise comes from; no noise is added without one.
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

/// A number from a range that was checked: lowest and highest.
func draw(_ range: [Double], _ random: inout SplitMix64) -> Double {
    Double.random(in: range[0]...range[1], using: &random)
}

extension [Double] {
    /// Why these numbers are no range, or `nil`.
    var rangeProblem: String? {
        count == 2 && self[0] <= self[1] && allSatisfy(\.isFinite)
            ? nil : "must be two numbers, lowest and highest"
    }
}
