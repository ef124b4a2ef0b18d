// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// The faces of a corpus, by the path of the clip.
public struct FaceLibrary: Sendable {
    /// Lines of the tables that describe clips which the corpus does not list.
    public let linesWithoutClip: Int
    private let faces: [String: ClipFace]

    /// Reads what `tables` say of the clips of `corpus`. Where two tables describe a clip, the first counts.
    ///
    /// - Parameter tables: clip-level tables, each a CSV file or a folder with a `manifest.csv`: column `path` as in the
    ///   corpus, and columns of action units (`AU01_r` or `AU01_mean`, `AU01_c`, `AU01_std`).
    /// - Throws: an error that names file and line for a column or a value that is not what it must be, and for a
    ///   table that describes no clip of the corpus.
    public init(corpus: Manifest, tables: [URL]) throws(CorporaError) {
        let paths = Set(corpus.clips.map(\.path))
        var faces: [String: ClipFace] = [:]
        var strangers = 0
        for location in tables {
            let table = try FaceTable(location)
            let known = table.entries.filter { paths.contains($0.path) }
            guard !known.isEmpty else {
                throw .malformed(
                    file: table.file,
                    line: 1,
                    problem: "no path in this table is a clip of the corpus '\(corpus.corpus)'"
                )
            }
            strangers += table.entries.count - known.count
            for entry in known where faces[entry.path] == nil { faces[entry.path] = entry.face }
        }
        (self.faces, linesWithoutClip) = (faces, strangers)
    }

    /// The face in the clip at `path`; `nil` where nothing is known of it.
    public subscript(path: String) -> ClipFace? { faces[path] }

    /// How many clips have a face, by where their activity comes from.
    public var sources: [ClipFace.Source: Int] {
        faces.values.reduce(into: [:]) { $0[$1.source, default: 0] += 1 }
    }
}
