// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
public import FuzzInvariants

/// A table of faces, and the list of a corpus.
public let tableInputs = [
    HostileInput("faces", feedFaces),
    HostileInput("manifest", feedManifest),
]

/// A table of clips, and a face over time: all values of a face are finite.
private func feedFaces(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let table = try? CSVTable(text: bytes, file: "faces.csv") else { return }
    if let faces = try? FaceTable(table) {
        try promise(faces.entries.count == table.rows.count, "a line of the table is lost")
        for entry in faces.entries { try check(entry.face) }
    }
    if let series = try? FaceSeries(table) {
        try promise(series.frameCount == table.rows.count, "a frame of the series is lost")
        try promise(series.endSeconds.isFinite && series.endSeconds > 0, "the series has no end time")
        try plantedBug(when: series.endSeconds > 5_000)
        try check(ClipFace(series))
    }
}

private func check(_ face: ClipFace) throws(BrokenPromise) {
    for region in ClipFace.Region.allCases {
        guard let activity = face.activity(of: region, from: 0, to: 1) else { continue }
        try promise(activity.isFinite && activity >= 0, "a face moves by \(activity)")
    }
}

private let folder = URL(filePath: "/corpus", directoryHint: .isDirectory)

/// Every clip of an accepted list has a positive length and is inside its corpus.
private func feedManifest(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let table = try? CSVTable(text: bytes, file: "manifest.csv"),
        let manifest = try? Manifest(table, folder: folder)
    else { return }
    try promise(manifest.clips.count == table.rows.count, "a line of the list is lost")
    for clip in manifest.clips {
        try promise(clip.durationSeconds > 0 && clip.durationSeconds.isFinite, "a clip has no length")
        for path in [clip.path, clip.faceFile ?? "x"] {
            try promise(staysInside(path.utf8), "the path '\(path)' leads out of the corpus")
        }
        for value in clip.attributes.values { try promise(abs(value) <= 1, "an attribute is \(value)") }
        try plantedBug(when: clip.durationSeconds == 7)
    }
    _ = try? manifest.emotionalClips()
}

/// As the file system reads it: bytes, ending at a zero, whatever characters they form.
private func staysInside(_ path: String.UTF8View) -> Bool {
    let steps = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return !path.contains(0) && !steps.contains { $0.elementsEqual("..".utf8) }
        && steps.first?.isEmpty == false
}
