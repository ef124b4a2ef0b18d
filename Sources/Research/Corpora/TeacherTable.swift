// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Frame vectors of a published encoder for the clips of some corpora, as `tools/teacher` writes them.
///
/// A folder: `table.json` describes the encoder, `CORPUS.csv` has the number of frames of each clip, and `CORPUS.f16` the
/// vectors as little-endian half-precision numbers, clip after clip. Vector j of a clip describes the samples from
/// j times `frameMilliseconds` on, and those before them.
///
/// - Thread: immutable; any.
/// - Errors: ``CorporaError`` with one sentence if a file is missing, too short or contradicts `table.json`.
public struct TeacherTable: Sendable {
    /// Description of the encoder, the content of `table.json`.
    public struct Description: Codable, Hashable, Sendable {
        /// Format of the folder.
        public let format: String
        /// Name and version of the encoder.
        public let encoder: String
        /// Licence of the encoder's weights.
        public let licence: String
        /// Numbers in a vector.
        public let vectorSize: Int
        /// Time from one vector to the next.
        public let frameMilliseconds: Int
        /// Mean of each number, `[vectorSize]`.
        public let mean: [Float]
        /// Standard deviation of each number, `[vectorSize]`.
        public let deviation: [Float]

        private enum CodingKeys: String, CodingKey {
            case format, encoder, licence, mean, deviation
            case vectorSize = "vector_size"
            case frameMilliseconds = "frame_ms"
        }
    }

    private struct Corpus {
        let data: Data
        let places: [String: Range<Int>]
    }

    /// Format that this code reads.
    public static let knownFormat = "undertone-teacher/1"
    /// Description of the encoder.
    public let description: Description
    /// Folder of the table.
    public let folder: URL
    private var corpora: [String: Corpus] = [:]

    /// Opens the table in `folder` for some corpora.
    public init(folder: URL, corpora names: [String]) throws(CorporaError) {
        self.folder = folder
        description = try Self.description(folder)
        for name in names { corpora[name] = try Self.corpus(name, folder, description.vectorSize) }
    }

    /// Number of vectors of a clip; nil if the table lacks the clip.
    public func frameCount(of clip: Clip) -> Int? { corpora[clip.corpus]?.places[clip.path]?.count }

    /// Vectors of a clip, row-major `[frames, vectorSize]`, unnormalised; nil if the table lacks the clip.
    public func vectors(of clip: Clip) -> [Float]? {
        guard let corpus = corpora[clip.corpus], let place = corpus.places[clip.path] else { return nil }
        let size = description.vectorSize
        return corpus.data.withUnsafeBytes { bytes in
            // SAFETY: `corpus(_:_:_:)` has checked that the file has every row; half floats need 2-byte alignment,
            // which a mapped file has.
            let values = UnsafeRawBufferPointer(
                rebasing: bytes[place.lowerBound * size * 2..<place.upperBound * size * 2]
            ).assumingMemoryBound(to: UInt16.self)
            return values.map { Float(Float16(bitPattern: UInt16(littleEndian: $0))) }
        }
    }

    /// Checks that every clip has vectors, so that a run fails before training and not during it.
    public func check(_ clips: [Clip]) throws(CorporaError) {
        guard let clip = clips.first(where: { frameCount(of: $0) == nil }) else { return }
        throw .unreadable(
            path: folder.path,
            reason: "the table has no vectors of \(clip.name); write them with the script that made the table"
        )
    }

    private static func description(_ folder: URL) throws(CorporaError) -> Description {
        let file = folder.appending(path: "table.json")
        let text: Data
        do {
            text = try Data(contentsOf: file)
        } catch {
            throw .unreadable(path: file.path, reason: "\(reason(error)); tools/teacher writes such a table")
        }
        let found: Description
        do {
            found = try JSONDecoder().decode(Description.self, from: text)
        } catch {
            throw .malformed(
                file: file.path,
                line: 1,
                problem:
                    "it does not describe a teacher table; tools/teacher/check.py says what is wrong with it"
            )
        }
        let size = found.vectorSize
        guard found.format == knownFormat, (1...65_536).contains(size), found.mean.count == size,
            found.deviation.count == size, (1...10_000).contains(found.frameMilliseconds),
            found.deviation.allSatisfy({ $0 > 0 && $0.isFinite }), found.mean.allSatisfy(\.isFinite)
        else {
            throw .malformed(
                file: file.path,
                line: 1,
                problem:
                    "format, vector_size, frame_ms, mean and deviation do not fit together; the format is "
                    + knownFormat
            )
        }
        return found
    }

    private static func corpus(_ name: String, _ folder: URL, _ size: Int) throws(CorporaError) -> Corpus {
        let list = try CSVTable(file: folder.appending(path: "\(name).csv"))
        try list.requireColumns(["path", "frames"], optional: [])
        let file = folder.appending(path: "\(name).f16")
        var places: [String: Range<Int>] = [:]
        var end = 0
        for row in list.rows {
            guard let path = list.value("path", in: row),
                let count = list.value("frames", in: row).flatMap(Int.init), (0..<1 << 32).contains(count)
            else { throw list.problem("a path and a count of frames are needed", in: row) }
            places[path] = end..<end + count
            end += count
        }
        guard let data = try? Data(contentsOf: file, options: .alwaysMapped) else {
            throw .unreadable(path: file.path, reason: "the file is missing or cannot be read")
        }
        guard data.count == end * size * 2 else {
            throw .unreadable(
                path: file.path,
                reason:
                    "it has \(data.count) bytes, and \(list.file) with vectors of \(size) numbers needs "
                    + "\(end * size * 2); write the table again"
            )
        }
        return Corpus(data: data, places: places)
    }
}
