// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Checksums of the files that a feature table was made from: tables of equal jobs and equal contents are equal.
public struct FeatureContent: Codable, Hashable, Sendable {
    /// Checksum of the clips' audio, and of the noises and rooms if copies use them.
    let audio: String
    /// Checksum of the detector's table; nil without a detector or without its table.
    let speech: String?

    /// Checksums of the current content of `files`; `speech` is the checksum of the detector's table.
    init(files: [URL], speech: String?, _ memory: ContentMemory) {
        let contents = files.map { memory.content(of: $0.path) }
        audio = ContentHash.digits(of: contents.joined(separator: "\n"))
        self.speech = speech
    }

    /// True if a table with this content can be used for `wanted`, the current content. A detector's table is not compared
    /// if it is missing.
    func isLike(_ wanted: FeatureContent) -> Bool {
        audio == wanted.audio && (speech == wanted.speech || wanted.speech == nil)
    }
}
