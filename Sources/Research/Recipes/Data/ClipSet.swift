// SPDX-License-Identifier: Apache-2.0
package import Corpora

/// Clips with their feature tables: the clean one and its varied copies.
package struct ClipSet: Sendable {
    package let clips: [Clip]
    /// Copy 0 is clean; all tables hold the clips in the order of ``clips``.
    package let tables: [FeatureTable]
    /// From the first to the last frame of speech of each clip; empty where there is none.
    package let speech: [Range<Int>]
    /// The classes that the clips have: those of their corpus.
    package let classes: ClassMask

    init(clips: [Clip], tables: [FeatureTable], classes: ClassMask? = nil) {
        precondition(tables.allSatisfy { $0.clipCount == clips.count }, "each table must hold all clips")
        (self.clips, self.tables) = (clips, tables)
        self.classes = classes ?? ClassMask(of: clips)
        speech = clips.indices.map { index in
            let marks = tables[0].marks(ofClip: index).isSpeech
            guard let first = marks.firstIndex(of: true), let last = marks.lastIndex(of: true) else {
                return 0..<0
            }
            return first..<last + 1
        }
    }

    /// The same clips, all labelled `word` against every class.
    func labelled(_ word: String) -> ClipSet {
        ClipSet(clips: clips.map { $0.labelled(word) }, tables: tables, classes: .all)
    }

    /// The frames of clip `index` in one of the tables.
    package func frames(ofClip index: Int, copy: Int) -> FeatureTable.Frames {
        tables[copy].frames(ofClip: index)
    }

    /// Tempo of clip `index` in a copy, relative to the clean clip.
    package func tempo(ofClip index: Int, copy: Int) -> Double {
        Double(tables[0].frameCounts[index]) / Double(max(1, tables[copy].frameCounts[index]))
    }

    /// The class of clip `index`, if it is labelled.
    package func label(_ index: Int) -> Int? { clips[index].emotion?.rawValue }

    /// The class of clip `index`; sets of recordings without speech are never asked.
    package func truth(_ index: Int) -> Int {
        guard let emotion = clips[index].emotion else {
            preconditionFailure("\(clips[index].name) names no class")
        }
        return emotion.rawValue
    }

    /// The places of the clips whose speaker is among `speakers`.
    package func indices(of speakers: some Collection<String>) -> [Int] { clips.places(of: speakers) }
}

extension [Clip] {
    /// The places of the clips whose speaker is among `speakers`.
    func places(of speakers: some Collection<String>) -> [Int] {
        let wanted = Set(speakers)
        return indices.filter { self[$0].speaker.map(wanted.contains) ?? false }
    }
}
