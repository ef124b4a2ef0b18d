// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import ModelBundle

extension TrainingRun {
    private static let exportsName = "exports.json"

    /// Refuses a place for the exported model that holds anything but a model that this run has put there.
    ///
    /// Programs call it before they work for hours. What killed processes have left at the place is removed.
    /// - Parameter opening: whether a model of another origin may be replaced, which is then told before.
    /// - Throws: an error that names what would be lost, or that the place is that of the model to start from.
    public func checkExport(to path: String, _ opening: RunOpening) throws {
        try ModelFolder.checkReplaceable(path: path)
        ModelFolder.removeLeftovers(of: path)
        let place = Self.place(path)
        if let start = recipe.start, Self.place(ModelFolder.path(named: start)) == place {
            throw ModelError.unwritable(
                path: path,
                reason: "it is the model to start from; name another folder"
            )
        }
        guard let hash = try Self.hash(ofModelAt: path), exports[place] != hash else { return }
        guard opening.isOverwriting else {
            throw ModelError.unwritable(
                path: path,
                reason:
                    "it holds a model that this run has not written; name another folder, or add --overwrite to replace it"
            )
        }
        opening.notice("replacing the model in \(path) (weights \(hash.prefix(12)))")
    }

    /// Remembers that the model at `destination` is this run's.
    func recordExport(to destination: URL) throws {
        var exports = exports
        exports[Self.place(destination.path)] = try Self.hash(ofModelAt: destination.path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try folder.write(encoder.encode(exports), to: Self.exportsName)
    }

    /// The SHA-256 of the weights of each exported model, by its path.
    private var exports: [String: String] {
        let file = folder.url.appending(path: Self.exportsName)
        return (try? JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))) ?? [:]
    }

    private static func place(_ path: String) -> String {
        URL(filePath: path).absoluteURL.standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// The SHA-256 of the weights; nil where there is no model. A damaged model is none of this run's.
    private static func hash(ofModelAt path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: URL(filePath: path).appending(path: "config.json").path)
        else {
            return nil
        }
        return (try? ModelFolder(path: path).sha256) ?? "unknown, it is damaged"
    }
}
