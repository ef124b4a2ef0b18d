// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Checksums of what a feature table was made of: two tables of equal jobs and equal contents are equal.
public struct FeatureContent: Codable, Hashable, Sendable {
    /// Of the clips' audio, and of the noises' and rooms' where copies draw from them.
    let audio: String
    /// Of the detector's table; nil where no detector marks speech, or its table is not at hand.
    let speech: String?

    /// What `files` hold now; `speech` is the checksum of the detector's table.
    init(files: [URL], speech: String?, _ memory: ContentMemory) {
        let contents = files.map { memory.content(of: $0.path) }
        audio = ContentHash.digits(of: contents.joined(separator: "\n"))
        self.speech = speech
    }

    /// Whether a table of this content serves where `wanted` is there now; a detector's table that is not at hand is not
    /// compared.
    func isLike(_ wanted: FeatureContent) -> Bool {
        audio == wanted.audio && (speech == wanted.speech || wanted.speech == nil)
    }
}
