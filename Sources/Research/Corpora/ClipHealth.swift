// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Faults of recordings that can be decoded: overdriven, nearly silent, or duplicates.
public struct ClipHealth: Sendable {
    /// Paths of clips in which at least a thousandth of the samples is at full scale.
    public let clipped: [String]
    /// Paths of clips whose level is below -60 dB of full scale.
    public let silent: [String]
    /// Paths of clips whose samples all equal those of an earlier clip.
    public let duplicates: [String]
    /// Clips whose length differs from the manifest's by more than a tenth of a second, with both lengths.
    public let otherLengths: [String]
    /// Clips that cannot be used.
    public let damaged: [DamagedClip]

    private static let fullScale: Float = 0.999
    private static let clippedShare = 0.001
    private static let lengthToleranceSeconds = 0.1
    private static let silentLevel: Float = 0.001

    private struct Finding: Sendable {
        var isClipped = false
        var isSilent = false
        var hash: UInt64 = 0
        var otherLength: String?
        var damage: DamagedClip?

        init(_ samples: [Float], _ clip: Clip, sampleRate: Int) {
            let seconds = Double(samples.count) / Double(sampleRate)
            if abs(seconds - clip.durationSeconds) > ClipHealth.lengthToleranceSeconds {
                otherLength =
                    "\(clip.path), line \(clip.line): \((seconds * 100).rounded() / 100) s, "
                    + "not \(clip.durationSeconds) s"
            }
            let full = samples.count { abs($0) >= ClipHealth.fullScale }
            isClipped = Double(full) >= ClipHealth.clippedShare * Double(samples.count)
            isSilent = rootMeanSquare(samples[...]) < ClipHealth.silentLevel
            // FNV-1a of the samples' bits.
            hash = samples.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01b3 }
        }

        init(damage: DamagedClip) { self.damage = damage }
    }

    /// Decodes every clip, a group at a time on all processors; memory holds one group.
    public init(of clips: [Clip], sampleRate: Int) async {
        var findings: [Finding] = []
        for start in stride(from: 0, to: clips.count, by: 32) {
            let group = clips[start..<min(start + 32, clips.count)]
            findings += await withTaskGroup(of: (Int, Finding).self) { tasks in
                for (index, clip) in group.enumerated() {
                    tasks.addTask { (index, Self.finding(clip, sampleRate)) }
                }
                return await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        let sound = zip(clips, findings).filter { $0.1.damage == nil }
        clipped = sound.filter(\.1.isClipped).map(\.0.path)
        silent = sound.filter(\.1.isSilent).map(\.0.path)
        var seen: Set<UInt64> = []
        duplicates = sound.filter { !seen.insert($0.1.hash).inserted }.map(\.0.path)
        damaged = findings.compactMap(\.damage)
        otherLengths = findings.compactMap(\.otherLength)
    }

    private static func finding(_ clip: Clip, _ sampleRate: Int) -> Finding {
        do throws(CorporaError) {
            return Finding(
                try ClipAudio.samples(of: clip.file, sampleRate: sampleRate),
                clip,
                sampleRate: sampleRate
            )
        } catch {
            return Finding(damage: DamagedClip(clip, error))
        }
    }
}
