// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// A published division of speakers into folds, so that no speaker is in both training and test.
///
/// CSV with the columns `speaker`, `sex`, `test_fold` (the fold that tests this speaker) and `development_fold` (the
/// fold in which this speaker, otherwise training data, serves calibration; may be empty).
public struct FoldList: Sendable {
    /// Use of a speaker in one fold.
    public enum Role: Sendable, Hashable, CaseIterable { case training, development, test }

    private struct Entry: Sendable {
        let sex: Sex
        let test: Int
        let development: Int?
        /// Line in the file, for errors.
        let line: Int
    }

    /// Number of folds; they are numbered from 0.
    public let foldCount: Int
    private let entries: [String: Entry]
    /// Name of the file in errors.
    private let file: String

    /// Reads and checks a fold list: folds without gaps; test and development sets of both sexes in each.
    public init(file: URL) throws(CorporaError) {
        let table = try CSVTable(file: file)
        try table.requireColumns(["speaker", "sex", "test_fold", "development_fold"], optional: [])
        var entries: [String: Entry] = [:]
        for row in table.rows {
            guard let speaker = table.value("speaker", in: row) else {
                throw table.problem("the speaker is missing", in: row)
            }
            let entry = try Self.entry(row, of: table)
            if let first = entries.updateValue(entry, forKey: speaker) {
                throw table.problem(Self.repetition(of: speaker, first, entry), in: row)
            }
        }
        (self.entries, self.file) = (entries, table.file)
        foldCount = 1 + (entries.values.map(\.test).max() ?? -1)
        try checkSexes()
    }

    private static func repetition(of speaker: String, _ first: Entry, _ second: Entry) -> String {
        first.test == second.test
            ? "the speaker '\(speaker)' is listed twice"
            : "the speaker '\(speaker)' is split between the test folds \(first.test) and \(second.test); "
                + "list each speaker once"
    }

    private static func entry(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> Entry {
        guard let sex = table.value("sex", in: row).flatMap(Sex.init(rawValue:)) else {
            throw table.problem("the sex must be F or M", in: row)
        }
        guard let test = table.value("test_fold", in: row).flatMap({ Int($0) }), (0..<1000).contains(test)
        else {
            throw table.problem("test_fold must be a number from 0", in: row)
        }
        guard let text = table.value("development_fold", in: row) else {
            return Entry(sex: sex, test: test, development: nil, line: row.line)
        }
        guard let development = Int(text), development != test else {
            throw table.problem(
                "development_fold must be empty or a fold that does not test the speaker",
                in: row
            )
        }
        return Entry(sex: sex, test: test, development: development, line: row.line)
    }

    private func checkSexes() throws(CorporaError) {
        for fold in 0..<foldCount {
            for role in [Role.test, .development] {
                let sexes = Set(speakers(role, in: fold).compactMap { entries[$0]?.sex })
                guard sexes.count == Sex.allCases.count else {
                    throw .malformed(
                        file: file,
                        line: 1,
                        problem: "the \(role) speakers of fold \(fold) must be of both sexes"
                    )
                }
            }
        }
    }

    /// Use of `speaker` in `fold`; nil for a speaker that is not in the list.
    public func role(of speaker: String, in fold: Int) -> Role? {
        guard let entry = entries[speaker] else { return nil }
        if entry.test == fold { return .test }
        return entry.development == fold ? .development : .training
    }

    /// All speakers of the list, sorted.
    public var speakers: [String] { entries.keys.sorted() }

    /// Sex of `speaker` in the list; nil for a speaker that is not in the list.
    public func sex(of speaker: String) -> Sex? { entries[speaker]?.sex }

    /// Checks that every speaker of the list has a clip in the corpus.
    ///
    /// - Parameter manifest: the corpus that the list divides.
    /// - Throws: an error that names the list, the line and a speaker that the corpus does not have.
    public func check(against manifest: Manifest) throws(CorporaError) {
        let known = Set(manifest.clips.compactMap(\.speaker))
        if let unknown = speakers.first(where: { !known.contains($0) }) {
            throw .malformed(
                file: file,
                line: entries[unknown]?.line ?? 1,
                problem: "the corpus '\(manifest.corpus)' has no speaker '\(unknown)'; "
                    + "correct the name or remove the line"
            )
        }
    }

    /// The speakers with `role` in `fold`, sorted.
    public func speakers(_ role: Role, in fold: Int) -> [String] {
        entries.keys.filter { self.role(of: $0, in: fold) == role }.sorted()
    }
}
