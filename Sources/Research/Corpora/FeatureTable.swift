// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The feature frames of many clips, in one file that is mapped into memory.
///
/// Layout: magic; one row of 32-bit floats for each frame (the features, then 1 for speech or 0, then the energy), clip
/// after clip; a JSON footer with the job, the frame counts and the checksum of the source recordings; the checksum of all
/// bytes up to here and the footer's length, each in eight bytes; the magic again. The footer is last, so a truncated file
/// has no valid end and is not used.
public struct FeatureTable: Sendable {
    static let magic = Data("UTFEAT03".utf8)
    /// Number of bytes after the footer: checksum, length, magic.
    static let endByteCount = 24

    struct Footer: Codable, Sendable {
        let job: FeatureJob
        let content: FeatureContent
        let featureCount: Int
        let frameCounts: [Int]
    }

    /// The reason why a file is not used.
    enum Fault: Error {
        /// There is no such file.
        case absent
        /// The recordings have changed since it was made.
        case outdated
        /// Its checksum is wrong.
        case damaged
    }

    /// One clip's frames.
    public struct Frames: Sendable {
        /// Feature frames, row-major [frameCount, featureCount].
        public var features: [Float]
        /// True for each frame of speech.
        public let isSpeech: [Bool]
        /// Natural logarithm of the mean square of the voice in each frame's hop, before room, noise and gain, and independent
        /// of the level normalisation of the features.
        public let energy: [Float]
        /// Creates frames with their marks.
        public init(features: [Float], isSpeech: [Bool], energy: [Float]) {
            (self.features, self.isSpeech, self.energy) = (features, isSpeech, energy)
        }

        /// Number of frames.
        public var frameCount: Int { isSpeech.count }
    }

    /// Number of features in a frame.
    public var featureCount: Int { footer.featureCount }
    /// Number of clips.
    public var clipCount: Int { footer.frameCounts.count }
    /// Number of frames of each clip.
    public var frameCounts: [Int] { footer.frameCounts }

    /// Number of values in a row in addition to the features.
    static let marks = 2

    private let data: Data
    private let footer: Footer
    private let firstRow: [Int]

    /// Maps the table in `file`.
    ///
    /// - Throws: a fault if it is missing, damaged, or made by another job or from other recordings.
    init(file: URL, job: FeatureJob, content: FeatureContent) throws(Fault) {
        guard access(file.path, F_OK) == 0 else { throw .absent }
        guard let data = try? Data(contentsOf: file, options: .alwaysMapped),
            let (footer, footerStart) = Self.footer(of: data), footer.job == job,
            footer.frameCounts.count == job.clips.count
        else { throw .damaged }
        guard footer.content.isLike(content) else { throw .outdated }
        // Unsigned arithmetic, so that the numbers in a damaged footer cannot trap.
        let rows = footer.frameCounts.reduce(into: (sum: 0, isSound: true)) {
            $0.isSound = $0.isSound && (0..<1 << 32).contains($1)
            $0.sum &+= $1
        }
        guard rows.isSound, (0..<1 << 20).contains(footer.featureCount),
            footerStart - Self.magic.count == rows.sum &* (footer.featureCount + Self.marks) &* 4,
            CheckedTables.isSound(data, file: file)
        else { throw .damaged }
        (self.data, self.footer) = (data, footer)
        firstRow = footer.frameCounts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    }

    /// The footer and its position, if there is one.
    static func footer(of data: Data) -> (Footer, Int)? {
        guard data.count >= magic.count + endByteCount, data.prefix(magic.count) == magic,
            data.suffix(magic.count) == magic
        else { return nil }
        let end = data.count - endByteCount
        let length = number(in: data, at: end + 8)
        guard length <= UInt64(end - magic.count) else { return nil }
        let start = end - Int(length)
        return (try? JSONDecoder().decode(Footer.self, from: data[start..<end])).map { ($0, start) }
    }

    /// The eight bytes at `place` as a number.
    static func number(in data: Data, at place: Int) -> UInt64 {
        data[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The frames of clip `index` in the order of the job.
    public func frames(ofClip index: Int) -> Frames {
        var features: [Float] = []
        features.reserveCapacity(footer.frameCounts[index] * featureCount)
        let (isSpeech, energy) = marks(ofClip: index) { features.append(contentsOf: $0) }
        return Frames(features: features, isSpeech: isSpeech, energy: energy)
    }

    /// The marks of clip `index`, at a tenth of the cost of ``frames(ofClip:)``.
    public func marks(ofClip index: Int) -> (isSpeech: [Bool], energy: [Float]) {
        marks(ofClip: index) { _ in }
    }

    /// A checksum of all numbers of clip `index`; equal clips have equal checksums.
    package func checksum(ofClip index: Int) -> UInt64 {
        let width = (featureCount + Self.marks) * 4
        let start = Self.magic.count + firstRow[index] * width
        return data.withUnsafeBytes { bytes in
            ContentHash.of(
                UnsafeRawBufferPointer(rebasing: bytes[start..<start + footer.frameCounts[index] * width])
            )
        }
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
            // SAFETY: `init` has checked that the file has this many rows; the magic's eight bytes keep them aligned.
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
