// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpeechFeatures

/// Converts a recording to feature frames and speech targets, with the daemon's own feature code.
enum ClipFrames {
    /// Tables that a job's frames are computed from, in addition to the recording.
    struct Sources: Sendable {
        var rooms: RoomBank?
        var noise: NoiseBank?
        var speech: TeacherTable?
    }

    static func make(_ clip: Clip, _ job: FeatureJob, _ sources: Sources) throws(CorporaError)
        -> FeatureTable.Frames
    {
        let (rate, hop) = (job.features.spectrum.sampleRate, job.features.spectrum.hopSamples)
        var random = SplitMix64(seed: job.seed &+ UInt64(job.copy), name: clip.name)
        var clean = try ClipAudio.samples(of: clip.file, sampleRate: rate)
        if let augmentation = job.augmentation {
            clean = try augmentation.changeVoice(clean, sampleRate: rate, using: &random)
        }
        let byLevel = job.marker?.mark(clean, hop: hop, sampleRate: rate) ?? []
        let marks = job.detector?.marks(clip, sources.speech, byLevel, hop: hop, sampleRate: rate) ?? byLevel
        var heard = clean
        if let augmentation = job.augmentation {
            heard = try augmentation.vary(
                clean,
                speechLevel: level(of: clean, marks, hop),
                rooms: sources.rooms,
                noise: sources.noise,
                sampleRate: rate,
                using: &random
            )
        }
        let features = try self.features(of: heard, job.features, clip)
        let count = features.count / job.features.featureCount
        let energies = hopEnergies(of: clean, hop: hop).map { Float(log($0 + 1e-10)) }
        // The window of a frame is centred in the hop after the one in which it begins.
        let hops = 1..<count + 1
        return FeatureTable.Frames(
            features: features,
            isSpeech: hops.map { $0 < marks.count ? marks[$0] : false },
            energy: hops.map { energies[min($0, energies.count - 1)] }
        )
    }

    private static func features(
        of samples: [Float],
        _ set: FeatureSet,
        _ clip: Clip
    ) throws(CorporaError) -> [Float] {
        do {
            return try OnlineFeatures.forward(samples, set: set)
        } catch {
            throw .audio(description: "\(clip.file.path): \(error)")
        }
    }

    /// The level of the marked speech; of the whole clip if none is marked.
    private static func level(of samples: [Float], _ marks: [Bool], _ hop: Int) -> Float {
        let spoken = marks.indices.filter { marks[$0] }.flatMap { samples[$0 * hop..<($0 + 1) * hop] }
        return rootMeanSquare(spoken.isEmpty ? samples[...] : spoken[...])
    }
}
