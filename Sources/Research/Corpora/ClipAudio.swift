// SPDX-License-Identifier: Apache-2.0
import AudioFiles
public import Foundation
import Resampling

/// Decodes recordings.
public enum ClipAudio {
    /// The samples of `clip`; see ``samples(of:sampleRate:)-(URL,_)``.
    ///
    /// - Throws: an error that also names the manifest and its line.
    public static func samples(of clip: Clip, sampleRate: Int) throws(CorporaError) -> [Float] {
        do {
            return try samples(of: clip.file, sampleRate: sampleRate)
        } catch {
            throw .damaged([DamagedClip(clip, error)])
        }
    }

    /// Decodes all of `file`, averages its channels and resamples it to `sampleRate`, full scale -1...1.
    ///
    /// - Throws: an error that names the file if it cannot be decoded, is truncated or is empty: damaged clips
    ///   must be fixed before training.
    public static func samples(of file: URL, sampleRate: Int) throws(CorporaError) -> [Float] {
        let audio: AudioClip
        do {
            audio = try AudioClip(path: file.path)
        } catch {
            throw .audio(description: error.description)
        }
        guard !audio.isTruncated else {
            throw .audio(description: "\(file.path) is truncated")
        }
        guard !audio.samples.isEmpty else { throw .audio(description: "\(file.path) contains no sound") }
        do {
            return try resampled(audio.samples, from: audio.sampleRate, to: sampleRate)
        } catch {
            throw .audio(description: "\(file.path): \(error)")
        }
    }
}
