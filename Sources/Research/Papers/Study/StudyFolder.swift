// SPDX-License-Identifier: Apache-2.0
import Corpora
public import Foundation
public import Recipes

/// The folder of a study: the study, its data, one file for each finished part, and the tables.
///
///     study.json             the study that created the folder; another one is rejected
///     inputs.txt             the data at that time; other data are rejected
///     lock                   held by the running process
///     LSTM mean, fold 0.json ...
///     results.md, .json      the tables
public struct StudyFolder: Sendable {
    private let work: WorkFolder
    /// Path of the folder.
    public var url: URL { work.url }

    /// Opens the folder, or creates it for `study`.
    ///
    /// - Throws: an error if it holds other files, belongs to another study, cannot be written, or is in use by
    ///   another process.
    public init(_ url: URL, study: some Study, _ opening: RunOpening = RunOpening()) throws(RecipeError) {
        let text = String(decoding: Self.json(study), as: UTF8.self)
        work = try WorkFolder(
            url,
            WorkFolder.Identity(file: "study.json", text: text, word: "study"),
            contents: WorkFolder.Contents(isOwn: Self.isOwn, hasResults: Self.hasResults),
            opening: opening
        )
    }

    private static func isOwn(_ name: String) -> Bool {
        name.hasSuffix(".json") || ["inputs.txt", "results.md", "face.svg"].contains(name)
    }

    private static func hasResults(_ url: URL) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.contains { $0.hasSuffix(".json") && $0 != "study.json" }
    }

    /// Compares the data of the study with those that the folder records, or records them.
    ///
    /// - Throws: an error that lists the changes, or names a file that cannot be read.
    public func claim(for study: some Study, in context: StudyContext, _ opening: RunOpening = RunOpening())
        throws
    {
        let inputs = try context.inputs(of: study)
        try work.claim(inputs, opening)
    }

    /// The result called `name`: read if an earlier call stored it, otherwise computed and stored.
    func result<Value: Codable>(_ name: String, _ make: () async throws -> Value) async throws -> Value {
        let file = url.appending(path: name + ".json")
        if let data = try? Data(contentsOf: file) {
            guard let value = try? JSONDecoder().decode(Value.self, from: data) else {
                throw RecipeError.run(path: file.path, problem: "it is damaged; remove it to make it again")
            }
            return value
        }
        let value = try await make()
        try write(Self.json(value), to: name + ".json")
        return value
    }

    /// Stores the tables.
    public func write(_ tables: [StudyTable]) throws(RecipeError) {
        try write(Self.json(tables), to: "results.json")
        try write(Data(tables.map(\.markdown).joined(separator: "\n").utf8), to: "results.md")
    }

    /// Writes a file atomically.
    func write(_ data: Data, to name: String) throws(RecipeError) { try work.write(data, to: name) }

    private static func json(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return (try? encoder.encode(value)) ?? Data()
    }
}
