// SPDX-License-Identifier: Apache-2.0
import Dispatch
public import Foundation
import Synchronization

/// The faces of a corpus, by the path of the clip.
///
/// A face comes from the series that the manifest names in `face_csv`, else from the first clip-level table that
/// describes the clip. A series without action units, such as `tools/faces` makes, takes them from that table.
public struct FaceLibrary: Sendable {
    /// Clips whose series has fewer than half of its frames usable, by path; a table may still describe them.
    public let unusableSeries: [String]
    /// Lines of the tables that describe clips which the corpus does not list.
    public let linesWithoutClip: Int
    private let faces: [String: ClipFace]

    /// Reads the series of `corpus` and what `tables` say of its clips.
    ///
    /// - Parameter tables: clip-level tables, each a CSV file or a folder with a `manifest.csv`: column `path` as in the
    ///   corpus, and columns of action units (`AU01_r` or `AU01_mean`, `AU01_c`, `AU01_std`).
    /// - Throws: an error that names file and line: a column or a value is not what it must be, a series lasts longer or
    ///   shorter than its clip, or a table describes no clip of the corpus.
    public init(corpus: Manifest, tables: [URL] = []) throws(CorporaError) {
        var faces: [String: ClipFace] = [:]
        var unusable: [String] = []
        for (clip, answer) in zip(corpus.clips, Self.answers(in: corpus)) {
            switch answer {
            case .success(.face(let face)): faces[clip.path] = face
            case .success(.unusable): unusable.append(clip.path)
            case .success(.none): continue
            case .failure(let error): throw error
            }
        }
        var strangers = 0
        let paths = Set(corpus.clips.map(\.path))
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
            for entry in known {
                faces[entry.path] = faces[entry.path]?.takingUnits(from: entry.face) ?? entry.face
            }
        }
        (self.faces, unusableSeries, linesWithoutClip) = (faces, unusable, strangers)
    }

    /// The face in the clip at `path`; `nil` where nothing is known of it.
    public subscript(path: String) -> ClipFace? { faces[path] }

    /// How many clips have a face, by where their activity comes from.
    public var sources: [ClipFace.Source: Int] {
        faces.values.reduce(into: [:]) { $0[$1.source, default: 0] += 1 }
    }

    private enum Answer: Sendable { case none, unusable, face(ClipFace) }

    /// What the series of each clip say, read on all processors.
    private static func answers(in corpus: Manifest) -> [Result<Answer, CorporaError>] {
        let answers = Mutex(
            [Result<Answer, CorporaError>](repeating: .success(.none), count: corpus.clips.count)
        )
        DispatchQueue.concurrentPerform(iterations: corpus.clips.count) { index in
            let found = Result { () throws(CorporaError) in
                try answer(for: corpus.clips[index], in: corpus)
            }
            answers.withLock { $0[index] = found }
        }
        return answers.withLock { $0 }
    }

    private static func answer(for clip: Clip, in corpus: Manifest) throws(CorporaError) -> Answer {
        guard let series = try series(of: clip, in: corpus) else { return .none }
        return 2 * series.usableFrameCount >= series.frameCount ? .face(ClipFace(series)) : .unusable
    }

    private static func series(of clip: Clip, in corpus: Manifest) throws(CorporaError) -> FaceSeries? {
        guard let name = clip.faceFile else { return nil }
        let folder = URL(filePath: corpus.file).deletingLastPathComponent()
        let series = try FaceSeries(file: folder.appending(path: name))
        // Video ends with a whole frame and codecs pad: a quarter of a second is no other clip.
        let tolerance = max(0.25, 0.05 * clip.durationSeconds)
        guard abs(series.endSeconds - clip.durationSeconds) <= tolerance else {
            throw .malformed(
                file: corpus.file,
                line: clip.line,
                problem:
                    "the face series '\(name)' ends at \(rounded(series.endSeconds)) s but its clip lasts "
                    + "\(rounded(clip.durationSeconds)) s; name the series of this clip"
            )
        }
        return series
    }
}

private func rounded(_ seconds: Double) -> Double { (seconds * 100).rounded() / 100 }
