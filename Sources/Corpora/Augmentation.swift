// SPDX-License-Identifier: Apache-2.0
import Foundation

/// How training varies a clip: room, then noise, then gain, each drawn anew for each clip and copy.
///
/// The order is that of the world: the room colours the voice, the noise is added at the microphone, the gain is the
/// microphone's own.
public struct Augmentation: Codable, Hashable, Sendable {
    /// The share of clips that get a simulated room.
    public let roomProbability: Double
    /// The room's reverberation time (to -60 dB), lowest and highest, in seconds.
    public let roomSeconds: [Double]
    /// Energy of the direct sound over that of the room, lowest and highest, in decibels.
    public let directDecibels: [Double]
    /// The share of clips that get noise.
    public let noiseProbability: Double
    /// Speech over noise, lowest and highest, in decibels.
    public let noiseDecibels: [Double]
    /// Gain, lowest and highest, in decibels.
    public let gainDecibels: [Double]

    /// Each parameter as its property says.
    public init(
        roomProbability: Double,
        roomSeconds: [Double],
        directDecibels: [Double],
        noiseProbability: Double,
        noiseDecibels: [Double],
        gainDecibels: [Double]
    ) {
        self.roomProbability = roomProbability
        self.roomSeconds = roomSeconds
        self.directDecibels = directDecibels
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
        ] where range.count != 2 || !(range[0] <= range[1]) || !range.allSatisfy(\.isFinite) {
            return "\(name) must be two numbers, lowest and highest"
        }
        for (name, share) in [("roomProbability", roomProbability), ("noiseProbability", noiseProbability)]
        where !(0...1).contains(share) {
            return "\(name) must lie between 0 and 1"
        }
        return roomSeconds.first.map { $0 > 0 } == true ? nil : "roomSeconds must be positive"
    }

    /// A varied copy of `samples`, of the same length, within -1...1.
    ///
    /// - Parameters:
    ///   - samples: the clean clip, mono.
    ///   - speechLevel: root mean square of its speech; silence around it must not make the noise louder.
    ///   - noise: where noise comes from; no noise is added without one.
    ///   - sampleRate: in Hz.
    public func vary(
        _ samples: [Float],
        speechLevel: Float,
        noise: NoiseBank?,
        sampleRate: Int,
        using random: inout SplitMix64
    ) -> [Float] {
        var varied = samples
        if random.happens(roomProbability) {
            let room = Room(
                decaySeconds: draw(roomSeconds, &random),
                directDecibels: draw(directDecibels, &random),
                sampleRate: sampleRate,
                using: &random
            )
            varied = room.sound(of: varied)
        }
        if let noise, random.happens(noiseProbability) {
            let level = speechLevel * Float(pow(10, -draw(noiseDecibels, &random) / 20))
            noise.add(to: &varied, level: level, using: &random)
        }
        let gain = Float(pow(10, draw(gainDecibels, &random) / 20))
        return varied.map { max(-1, min(1, $0 * gain)) }
    }
}

private func draw(_ range: [Double], _ random: inout SplitMix64) -> Double {
    Double.random(in: range[0]...range[1], using: &random)
}
