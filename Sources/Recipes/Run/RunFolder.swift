// SPDX-License-Identifier: Apache-2.0
import Corpora
public import Foundation

/// The folder of a run: the recipe that it was begun with, checkpoints, logs, models, figures.
///
///     recipe.json            what it was begun with; another recipe is refused
///     cache/                 feature tables, unless they are kept elsewhere
///     shared/ fold-0/ ...    each with checkpoints, log.jsonl and, at the end, model/
///     skipped.json           the damaged clips that are left out, if that was asked for
///     evaluation.json, .md   the figures
public struct RunFolder: Sendable {
    /// Where it is.
    public let url: URL

    /// Opens the folder, or begins it with `recipe`.
    ///
    /// - Throws: an error if it cannot be made or was begun with another recipe: results of two recipes in one folder
    ///   would be taken for one.
    public init(_ url: URL, recipe: Recipe) throws(RecipeError) {
        self.url = url
        let file = url.appending(path: "recipe.json")
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            if let begun = try? String(contentsOf: file, encoding: .utf8) {
                guard begun == recipe.json else { throw Mismatch() }
            } else {
                try recipe.json.write(to: file, atomically: true, encoding: .utf8)
            }
        } catch is Mismatch {
            throw .run(
                path: url.path,
                problem: "it was begun with another recipe; choose another folder or remove this one"
            )
        } catch {
            throw .run(path: url.path, problem: reason(error))
        }
    }

    private struct Mismatch: Error {}

    /// The folder of one part, made if needed.
    func folder(of part: RunPart) throws(RecipeError) -> URL {
        let folder = url.appending(path: part.description, directoryHint: .isDirectory)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .run(path: folder.path, problem: reason(error))
        }
        return folder
    }

    /// The model folder of one part.
    public func model(of part: RunPart) -> URL {
        url.appending(path: "\(part)/model", directoryHint: .isDirectory)
    }

    /// The same network before its temperature is known.
    func uncalibrated(of part: RunPart) -> URL {
        url.appending(path: "\(part)/uncalibrated", directoryHint: .isDirectory)
    }

    /// Where a part's training stands.
    func checkpoint(of part: RunPart) -> URL { url.appending(path: "\(part)/checkpoint") }

    /// Whether a part's model has been written.
    public func hasModel(of part: RunPart) -> Bool {
        FileManager.default.fileExists(atPath: model(of: part).appending(path: "config.json").path)
    }

    /// Whether the figures have been written.
    var hasFigures: Bool {
        FileManager.default.fileExists(atPath: url.appending(path: "evaluation.json").path)
    }

    /// Writes a result whole or not at all.
    func write(_ data: Data, to name: String) throws(RecipeError) {
        do {
            try data.write(to: url.appending(path: name), options: .atomic)
        } catch {
            throw .run(path: url.appending(path: name).path, problem: reason(error))
        }
    }

    /// Adds one event to a part's log.
    func log(_ event: RunEvent, of part: RunPart) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let line = try? encoder.encode(event), let folder = try? folder(of: part) else { return }
        let file = folder.appending(path: "log.jsonl").path
        guard let stream = fopen(file, "a") else { return }
        fputs(String(decoding: line, as: UTF8.self) + "\n", stream)
        fclose(stream)
    }
}
