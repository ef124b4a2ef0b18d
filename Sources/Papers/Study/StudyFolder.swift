// SPDX-License-Identifier: Apache-2.0
import Corpora
public import Foundation
public import Recipes

/// The folder of a study: what it was begun with, one file for each finished part, the tables.
///
///     study.json             what it was begun with; another study is refused
///     LSTM mean, fold 0.json ...
///     results.md, .json      the tables
public struct StudyFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Opens the folder, or begins it with `study`.
    public init(_ url: URL, study: some Study) throws(RecipeError) {
        self.url = url
        let text = Self.json(study)
        let file = url.appending(path: "study.json")
        if let begun = try? Data(contentsOf: file), begun != text {
            throw .run(
                path: url.path,
                problem: "it was begun with another study; choose another folder or remove this one"
            )
        }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw .run(path: url.path, problem: reason(error))
        }
        try write(text, to: "study.json")
    }

    /// The result called `name`: read if an earlier call has made it, else made and kept.
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

    /// Keeps the tables.
    public func write(_ tables: [StudyTable]) throws(RecipeError) {
        try write(Self.json(tables), to: "results.json")
        try write(Data(tables.map(\.markdown).joined(separator: "\n").utf8), to: "results.md")
    }

    /// Writes a file whole or not at all.
    func write(_ data: Data, to name: String) throws(RecipeError) {
        do {
            try data.write(to: url.appending(path: name), options: .atomic)
        } catch {
            throw .run(path: url.appending(path: name).path, problem: reason(error))
        }
    }

    private static func json(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return (try? encoder.encode(value)) ?? Data()
    }
}
