// SPDX-License-Identifier: Apache-2.0
import Corpora

/// Labels from the faces of a stage's clips: active or not, and the emotion of their action units.
///
/// The second and third pretext tasks of Goncalves & Busso 2022: predicted from speech alone, labelled by video. All
/// thresholds are those of the training clips. Movement of landmarks, spread and mean of action units have scales of
/// their own and so have thresholds of their own.
struct FaceLabels: Sendable {
    /// Training clips by how the movement of their faces was measured.
    let sources: [String: Int]
    /// Training clips by the emotion that their action units make up.
    let classes: [String: Int]
    private let faces: [[ClipFace?]]
    private let speakers: [[String]]
    private let activity: [ClipFace.Source: FacialActivityTask]
    private let units: UnitEmotionTask

    /// - Parameters:
    ///   - sets: the training clips of each set.
    ///   - libraries: the faces of each set's corpus.
    ///   - chunkSeconds: the stretches over which movement is taken where it is known from moment to moment.
    init(_ sets: [(set: ClipSet, clips: [Int])], _ libraries: [FaceLibrary?], chunkSeconds: Double) {
        faces = zip(sets, libraries).map { part, library in
            part.set.clips.map { library?[$0.path] }
        }
        speakers = sets.map { $0.set.clips.map { $0.speaker ?? "" } }
        var values: [ClipFace.Source: [(speaker: String, value: Double)]] = [:]
        var known: [(speaker: String, face: ClipFace)] = []
        for (index, part) in sets.enumerated() {
            for clip in part.clips {
                guard let face = faces[index][clip] else { continue }
                let speaker = speakers[index][clip]
                known.append((speaker, face))
                let end = part.set.clips[clip].durationSeconds
                for start in stride(from: 0, to: max(end, 0.001), by: chunkSeconds) {
                    let value = face.activity(from: start, to: min(end, start + chunkSeconds))
                    if let value { values[face.source, default: []].append((speaker, value)) }
                }
            }
        }
        sources = known.reduce(into: [:]) { $0[$1.face.source.rawValue, default: 0] += 1 }
        activity = values.mapValues { FacialActivityTask(training: $0, undecided: 1.0 / 3) }
        let units = UnitEmotionTask(training: known)
        classes = known.reduce(into: [:]) { counts, part in
            guard let label = units.label(part.face, speaker: part.speaker) else { return }
            counts[UnitEmotionTask.classNames[label], default: 0] += 1
        }
        self.units = units
    }

    /// True if the face moves much in `seconds` of the drawn clip's video; `nil` if unknown.
    func isActive(_ draw: DrawnClip, _ seconds: Range<Double>) -> Bool? {
        guard let face = face(of: draw), let task = activity[face.source],
            let value = face.activity(from: seconds.lowerBound, to: seconds.upperBound)
        else { return nil }
        return task.label(value, speaker: speakers[draw.set][draw.clip])
    }

    /// The class that the action units of the drawn clip make up; `nil` where they are not known.
    func unitClass(_ draw: DrawnClip) -> Int? {
        face(of: draw).flatMap { units.label($0, speaker: speakers[draw.set][draw.clip]) }
    }

    private func face(of draw: DrawnClip) -> ClipFace? {
        faces.indices.contains(draw.set) ? faces[draw.set][draw.clip] : nil
    }
}
