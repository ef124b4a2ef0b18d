// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The feature frames of many clips, in one file that stays on disk and is mapped into memory.
///
/// Layout: magic, one row of 32-bit floats for each frame (the features, then 1 for speech or 0, then the energy), clip
/// after clip; then a JSON footer with the job and the frame counts, its length in eight bytes, and the magic again. The footer is last,
/// so a file that was cut short has no valid end and is not used.
public struct FeatureTable: Sendable {
    static let magic = Data("UTFEAT02".utf8)

    struct Footer: Codable, Sendable {
        let job: FeatureJob
        let featureCount: Int
        let frameCounts: [Int]
    }

    /// One clip's frames.
    public struct Frames: Sendable {
        /// Feature frames, row-major [frameCount, featureCount].
        public var features: [Float]
        /// Whether each frame is speech.
        public let isSpeech: [Bool]
        /// Natural logarithm of the mean square of the voice in each frame's hop, before room, noise and gain, whatever
        /// the level normalisation of the features makes of it.
        public let energy: [Float]
        /// Frames and what each of them is.
        public init(features: [Float], isSpeech: [Bool], energy: [Float]) {
            (self.features, self.isSpeech, self.energy) = (features, isSpeech, energy)
        }

        /// The number of frames.
        public var frameCount: Int { isSpeech.count }
    }

    /// The number of features in a frame.
    public var featureCount: Int { footer.featureCount }
    /// The number of clips.
    public var clipCount: Int { footer.frameCounts.count }
    /// The number of frames of each clip.
    public var frameCounts: [Int] { footer.frameCounts }

    /// Numbers in a row beside the features.
    static let marks = 2

    private let data: Data
    private let footer: Footer
    private let firstRow: [Int]

    /// Maps the table in `file`, or returns `nil` if the file is absent, damaged or made by another job.
    init?(file: URL, job: FeatureJob) {
        guard let data = try? Data(contentsOf: file, options: .alwaysMapped) else { return nil }
        let magic = Self.magic
        guard data.count >= 2 * magic.count + 8, data.prefix(magic.count) == magic,
            data.suffix(magic.count) == magic
        else { return nil }
        let lengthStart = data.count - magic.count - 8
        let length = data[lengthStart..<lengthStart + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(lengthStart - magic.count) else { return nil }
        let footerStart = lengthStart - Int(length)
        guard
            let footer = try? JSONDecoder().decode(Footer.self, from: data[footerStart..<lengthStart]),
            footer.job == job, footer.frameCounts.count == job.clips.count,
            footerStart - magic.count == footer.frameCounts.reduce(0, +) * (footer.featureCount + Self.marks)
                * 4
        else { return nil }
        (self.data, self.footer) = (data, footer)
        firstRow = footer.frameCounts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    }

    /// The frames of clip `index` in the order of the job.
    public func frames(ofClip index: Int) -> Frames {
        var features: [Float] = []
        features.reserveCapacity(footer.frameCounts[index] * featureCount)
        let (isSpeech, energy) = marks(ofClip: index) { features.append(contentsOf: $0) }
        return Frames(features: features, isSpeech: isSpeech, energy: energy)
    }

    /// What stands beside the features of clip `index`, at a tenth of the cost of ``frames(ofClip:)``.
    public func marks(ofClip index: Int) -> (isSpeech: [Bool], energy: [Float]) {
        marks(ofClip: index) { _ in }
    }

    private func marks(ofClip index: Int, _ body: (Slice<UnsafeBufferPointer<Float>>) -> Void) -> (
        isSpeech: [Bool], energy: [Float]
    ) {
        let width = featureCount + Self.marks
        let start = Self.magic.count + firstRow[index] * width * 4
        let count = footer.frameCounts[index]
        var isSpeech: [Bool] = []
        var energy: [Float] = []
        isSpeech.reserveCapacity(count)
        energy.reserveCapacity(count)
        data.withUnsafeBytes { bytes in
            // SAFETY: `init` has checked that the file holds this many rows; the magic's eight bytes keep them aligned.
            let rows = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count * width * 4])
                .assumingMemoryBound(to: Float.self)
            for row in stride(from: 0, to: rows.count, by: width) {
                body(rows[row..<row + featureCount])
                isSpeech.append(rows[row + featureCount] > 0)
                energy.append(rows[row + featureCount + 1])
            }
        }
        return (isSpeech, energy)
    }
}
