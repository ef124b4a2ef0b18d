// SPDX-License-Identifier: Apache-2.0
import Dispatch
public import Foundation
import Synchronization

/// The faces of a corpus, by path of the clip.
///
/// A face comes from the series that the manifest names in `face_csv`, otherwise from the first clip-level table with
/// the clip. A series without action units, such as `tools/faces` makes, gets them from that table.
public struct FaceLibrary: Sendable {
    /// Clips whose series has fewer than half of its frames usable, by path; a table may still have data for them.
    public let unusableSeries: [String]
    /// Number of table lines about clips that are not in the corpus.
    public let linesWithoutClip: Int
    private let faces: [String: ClipFace]

    /// Reads the series of `corpus` and the lines of `tables` about its clips.
    ///
    /// - Parameter tables: clip-level tables, each a CSV file or a folder with a `manifest.csv`: column `path` as in the
    ///   corpus, and columns of action units (`AU01_r` or `AU01_mean`, `AU01_c`, `AU01_std`).
    /// - Throws: an error that names file and line: a column or a value is invalid, a series lasts longer or
    ///   shorter than its clip, or a table has no clip of the corpus.
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
        var linesWithoutClip = 0
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
            linesWithoutClip += table.entries.count - known.count
            for entry in known {
                faces[entry.path] = faces[entry.path]?.takingUnits(from: entry.face) ?? entry.face
            }
        }
        (self.faces, unusableSeries, self.linesWithoutClip) = (faces, unusable, linesWithoutClip)
    }

    /// The face in the clip at `path`; nil if there are no data about it.
    public subscript(path: String) -> ClipFace? { faces[path] }

    /// Number of clips with a face, by source of their activity.
    public var sources: [ClipFace.Source: Int] {
        faces.values.reduce(into: [:]) { $0[$1.source, default: 0] += 1 }
    }

    private enum Answer: Sendable { case none, unusable, face(ClipFace) }

    /// Reads the series of all clips, on all processors.
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
        // Video ends with a whole frame and codecs pad, so a quarter of a second does not mean another clip.
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
