// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Marks the hops of a clean recording that are speech: the targets of the speech head.
///
/// A hop is speech while its level stays near the clip's own loud level, with two thresholds as hysteresis. Short gaps
/// count as part of the speech around them and short bursts as part of the silence. It needs the whole, clean clip, so only
/// training uses it; noise is mixed in afterwards and the targets do not change.
public struct SpeechMarker: Codable, Hashable, Sendable {
    /// Speech begins above the loud level minus this many decibels.
    public let onsetDecibels: Double
    /// Speech ends below the loud level minus this many decibels.
    public let offsetDecibels: Double
    /// Minimum distance of the threshold from the clip's quietest tenth, in decibels.
    public let floorMarginDecibels: Double
    /// Gaps shorter than this many seconds are filled.
    public let fillSeconds: Double
    /// Speech shorter than this many seconds is dropped.
    public let minimumSeconds: Double

    /// Sets each property to the parameter of its name.
    public init(
        onsetDecibels: Double,
        offsetDecibels: Double,
        floorMarginDecibels: Double,
        fillSeconds: Double,
        minimumSeconds: Double
    ) {
        self.onsetDecibels = onsetDecibels
        self.offsetDecibels = offsetDecibels
        self.floorMarginDecibels = floorMarginDecibels
        self.fillSeconds = fillSeconds
        self.minimumSeconds = minimumSeconds
    }

    /// Description of the first invalid number; nil if there is none.
    public var problem: String? {
        for (name, decibels) in [
            ("onsetDecibels", onsetDecibels), ("offsetDecibels", offsetDecibels),
            ("floorMarginDecibels", floorMarginDecibels),
        ] where !(0...200).contains(decibels) {
            return "\(name) must be 0 to 200"
        }
        for (name, seconds) in [("fillSeconds", fillSeconds), ("minimumSeconds", minimumSeconds)]
        where !(0...60).contains(seconds) {
            return "\(name) must be 0 to 60"
        }
        return nil
    }

    /// Returns one mark for each whole hop of `samples`.
    ///
    /// - Parameters:
    ///   - samples: the clean clip, mono.
    ///   - hop: samples for each mark.
    ///   - sampleRate: in Hz.
    public func mark(_ samples: [Float], hop: Int, sampleRate: Int) -> [Bool] {
        let levels = smoothed(hopEnergies(of: samples, hop: hop)).map { 10 * log10($0 + 1e-10) }
        guard !levels.isEmpty else { return [] }
        let sorted = levels.sorted()
        let loud = sorted[(sorted.count - 1) * 95 / 100]
        let floor = sorted[(sorted.count - 1) / 10]
        let onset = max(loud - onsetDecibels, min(floor + floorMarginDecibels, loud - 6))
        let offset = min(onset, max(loud - offsetDecibels, floor + floorMarginDecibels / 2))
        var marks = hysteresis(levels, onset: onset, offset: offset)
        let hopsPerSecond = Double(sampleRate) / Double(hop)
        marks.replaceInnerRuns(of: false, shorterThan: Int(fillSeconds * hopsPerSecond), by: true)
        marks.replaceInnerRuns(of: true, shorterThan: Int(minimumSeconds * hopsPerSecond), by: false)
        return marks
    }

    private func hysteresis(_ levels: [Double], onset: Double, offset: Double) -> [Bool] {
        var isSpeech = false
        return levels.map { level in
            isSpeech = level > (isSpeech ? offset : onset)
            return isSpeech
        }
    }
}

/// Mean square of each whole hop.
func hopEnergies(of samples: [Float], hop: Int) -> [Double] {
    (0..<samples.count / hop).map { index in
        let start = index * hop
        return samples[start..<start + hop].reduce(0) { $0 + Double($1) * Double($1) } / Double(hop)
    }
}

/// The mean of each value and its two neighbours.
private func smoothed(_ values: [Double]) -> [Double] {
    values.indices.map { index in
        let near = values[max(0, index - 1)...min(values.count - 1, index + 1)]
        return near.reduce(0, +) / Double(near.count)
    }
}

extension [Bool] {
    /// Replaces runs of `value` that are shorter than `length` and are at neither end.
    fileprivate mutating func replaceInnerRuns(of value: Bool, shorterThan length: Int, by other: Bool) {
        var start = 0
        while start < count {
            var end = start
            while end < count, self[end] == self[start] { end += 1 }
            if self[start] == value, end - start < length, start > 0, end < count {
                replaceSubrange(start..<end, with: repeatElement(other, count: end - start))
            }
            start = end
        }
    }
}
