// SPDX-License-Identifier: Apache-2.0
package import Corpora
package import Foundation

/// The mouth shapes of a corpus's sentences, numbered as in MPEG-4 (ISO/IEC 14496-2): 0 rest, 1 p b m ... 14 u.
///
/// A table that `tools/visemes` makes from text: columns `sentence`, `text` and `visemes`, numbers separated by blanks.
package struct VisemeTable: Sendable {
    /// Number of visemes.
    package static let count = 15

    private let visemes: [String: [Int]]

    /// Reads the table in `file`.
    ///
    /// - Throws: an error that names the file and line.
    package init(file: URL) throws(CorporaError) {
        let table = try CSVTable(file: file)
        try table.requireColumns(["sentence", "text", "visemes"], optional: [])
        var visemes: [String: [Int]] = [:]
        for row in table.rows {
            guard let sentence = table.value("sentence", in: row) else {
                throw table.problem("the sentence is missing", in: row)
            }
            let words = (table.value("visemes", in: row) ?? "").split(separator: " ")
            let numbers = words.compactMap { Int($0) }.filter { (0..<Self.count).contains($0) }
            guard numbers.count == words.count, !numbers.isEmpty else {
                throw table.problem("visemes must be numbers from 0 to \(Self.count - 1)", in: row)
            }
            guard visemes.updateValue(numbers, forKey: sentence) == nil else {
                throw table.problem("the sentence '\(sentence)' is listed twice", in: row)
            }
        }
        self.visemes = visemes
    }

    /// The viseme of each of `frames` frames of a sentence, all visemes equally long; `nil` if the text is not
    /// known. An even alignment is inaccurate; it replaces a forced alignment, which no corpus here has.
    package func aligned(_ sentence: String?, frames: Int) -> [Int]? {
        guard let visemes = sentence.flatMap({ visemes[$0] }) else { return nil }
        return (0..<frames).map { visemes[$0 * visemes.count / frames] }
    }
}
