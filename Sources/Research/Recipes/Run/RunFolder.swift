// SPDX-License-Identifier: Apache-2.0
import Corpora
public import Foundation
import ModelBundle

/// The folder of a run: the recipe and the data that it was begun with, checkpoints, logs, models, figures.
///
///     recipe.json            what it was begun with; another recipe is refused
///     inputs.txt             the data that it was begun with; other data are refused
///     lock                   held by the process at work; a second one is refused
///     cache/                 feature tables, unless they are kept elsewhere
///     shared/ fold-0/ ...    each with checkpoints, log.jsonl and, at the end, model/
///     skipped.json           the damaged clips that are left out, if that was asked for
///     evaluation.json, .md   the figures; tested.txt, the data of the tests alone
///     exports.json           the models that were written elsewhere
public struct RunFolder: Sendable {
    /// Its path.
    public var url: URL { work.url }
    let work: WorkFolder

    /// Opens the folder, or begins it with `recipe`.
    ///
    /// - Throws: an error if it holds other files, was begun with another recipe, cannot be written, or another process
    ///   works in it.
    public init(_ url: URL, recipe: Recipe, _ opening: RunOpening = RunOpening()) throws(RecipeError) {
        work = try WorkFolder(
            url,
            WorkFolder.Identity(file: "recipe.json", text: recipe.json, word: "recipe"),
            contents: WorkFolder.Contents(isOwn: Self.isOwn, hasResults: Self.hasResults),
            opening: opening
        )
        if opening.purpose != .reading { removeLeftovers() }
    }

    private static let files: Set = [
        "recipe.json", "inputs.txt", "skipped.json", "evaluation.json", "evaluation.md", "tested.txt",
        "voices.json",
        "voices.md", "vocal.json", "vocal.md", "exports.json", "report.html",
    ]
    private static let models = ["model", "uncalibrated", "checkpoint"]

    private static func isPart(_ name: String) -> Bool {
        ["shared", "release"].contains(name) || name.hasPrefix("fold-") || name.hasPrefix("without-")
    }

    private static func isOwn(_ name: String) -> Bool { files.contains(name) || isPart(name) }

    private static func parts(in url: URL) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter(isPart).map { url.appending(path: $0, directoryHint: .isDirectory) }
    }

    private static func hasResults(_ url: URL) -> Bool {
        let figures = ["evaluation.json", "voices.json", "vocal.json"].map { url.appending(path: $0) }
        let models = parts(in: url).flatMap { part in Self.models.map { part.appending(path: $0) } }
        return (figures + models).contains { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// Removes what killed processes of this run have left; nothing writes here while the lock is held.
    private func removeLeftovers() {
        for part in Self.parts(in: url) {
            for model in Self.models { ModelFolder.removeLeftovers(of: part.appending(path: model).path) }
        }
    }

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

    /// Progress of a part's training.
    func checkpoint(of part: RunPart) -> URL { url.appending(path: "\(part)/checkpoint") }

    /// True if a part's model has been written.
    public func hasModel(of part: RunPart) -> Bool {
        FileManager.default.fileExists(atPath: model(of: part).appending(path: "config.json").path)
    }

    /// True if the figures have been written, from `tested`.
    func hasFigures(of tested: RunInputs) -> Bool {
        FileManager.default.fileExists(atPath: url.appending(path: "evaluation.json").path)
            && (try? String(contentsOf: url.appending(path: "tested.txt"), encoding: .utf8)) == tested.text
    }

    /// Writes a result whole or not at all.
    func write(_ data: Data, to name: String) throws(RecipeError) { try work.write(data, to: name) }

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
