// SPDX-License-Identifier: Apache-2.0
import Corpora

/// The first pretext task: does the energy of a chunk of speech vary much or little?
///
/// Source: Goncalves & Busso 2022, whose abstract names the task; the rule is ours. v is the standard deviation of the
/// log energy over the speech of the chunk, taken from the waveform before any level normalisation; the label is high
/// if v is above the median of the chunks of the training clips. There is a median for each corpus, or the task would
/// be to tell corpora apart.
package struct EnergyTask: Sendable {
    /// One for each set of clips.
    private let medians: [Float]

    /// - Parameters:
    ///   - sets: the training clips of each set.
    ///   - chunkFrames: feature frames of a chunk.
    init(_ sets: [(set: ClipSet, clips: [Int])], chunkFrames: Int) {
        medians = sets.map { set, clips in
            median(
                clips.flatMap { clip in
                    let (isSpeech, energy) = set.tables[0].marks(ofClip: clip)
                    return stride(from: 0, to: max(1, energy.count - chunkFrames), by: chunkFrames)
                        .compactMap { start in
                            let chunk = start..<min(energy.count, start + chunkFrames)
                            return Self.variation(energy[chunk], isSpeech[chunk])
                        }
                }
            )
        }
    }

    /// Standard deviation of `energy` where there is speech; `nil` if that is less than half of the chunk.
    package static func variation(_ energy: ArraySlice<Float>, _ isSpeech: ArraySlice<Bool>) -> Float? {
        let spoken = zip(energy, isSpeech).filter(\.1).map(\.0)
        guard !spoken.isEmpty, spoken.count * 2 >= energy.count else { return nil }
        let mean = spoken.reduce(0, +) / Float(spoken.count)
        let square = spoken.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(spoken.count)
        return square.squareRoot()
    }

    /// True if `variation` is high for a chunk of set `index`.
    func isHigh(_ variation: Float, set index: Int) -> Bool { variation > medians[index] }
}

/// The middle value, or 0 of none.
func median(_ values: [Float]) -> Float {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}
