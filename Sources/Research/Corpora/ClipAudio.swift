// SPDX-License-Identifier: Apache-2.0
import AudioFiles
public import Foundation
import Resampling

/// Decoded recordings.
public enum ClipAudio {
    /// The whole of `clip`; see ``samples(of:sampleRate:)-(URL,_)``.
    ///
    /// - Throws: an error that names the manifest and its line too.
    public static func samples(of clip: Clip, sampleRate: Int) throws(CorporaError) -> [Float] {
        do {
            return try samples(of: clip.file, sampleRate: sampleRate)
        } catch {
            throw .damaged([DamagedClip(clip, error)])
        }
    }

    /// The whole of `file`, the mean of its channels, brought to `sampleRate`, full scale -1...1.
    ///
    /// - Throws: an error that names the file if it cannot be decoded, is cut short or is empty: a corpus with
    ///   damaged clips is mended, not learned from.
    public static func samples(of file: URL, sampleRate: Int) throws(CorporaError) -> [Float] {
        let audio: AudioClip
        do {
            audio = try AudioClip(path: file.path)
        } catch {
            throw .audio(description: error.description)
        }
        guard !audio.isTruncated else {
            throw .audio(description: "\(file.path) is cut short")
        }
        guard !audio.samples.isEmpty else { throw .audio(description: "\(file.path) holds no sound") }
        do {
            return try resampled(audio.samples, from: audio.sampleRate, to: sampleRate)
        } catch {
            throw .audio(description: "\(file.path): \(error)")
        }
    }
}
