// SPDX-License-Identifier: Apache-2.0
import Corpora
package import Foundation

/// A folder of results that belong to one recipe (or study) and to one state of its data, in which one process works.
///
///     recipe.json            what it was begun with; another one is refused
///     inputs.txt             the data that it was begun with, see `RunInputs`; other data are refused
///     lock                   held by the process at work
package struct WorkFolder: Sendable {
    /// Inputs of the results.
    package struct Identity: Sendable {
        /// The file in the folder that holds it.
        let file: String
        /// Its text.
        let text: String
        /// The word for it in messages.
        let word: String

        /// Each parameter as its property says.
        package init(file: String, text: String, word: String) {
            (self.file, self.text, self.word) = (file, text, word)
        }
    }

    /// Which entries of the folder the program has written.
    package struct Contents: Sendable {
        /// True if an entry of this name is the program's.
        let isOwn: @Sendable (String) -> Bool
        /// True if there is a result that other data would contradict.
        let hasResults: @Sendable (URL) -> Bool

        /// Each parameter as its property says.
        package init(
            isOwn: @escaping @Sendable (String) -> Bool,
            hasResults: @escaping @Sendable (URL) -> Bool
        ) {
            (self.isOwn, self.hasResults) = (isOwn, hasResults)
        }
    }

    package let url: URL
    private let identity: Identity
    private let contents: Contents
    private let lock: FolderLock?

    private static let inputsName = "inputs.txt"
    private static let remedy =
        "name another folder with --run, or add --overwrite to remove its results and start again"

    /// Opens the folder, or begins it with `identity`.
    ///
    /// - Throws: an error if it holds other things, was begun with another identity, cannot be written, or another process
    ///   works in it.
    package init(_ url: URL, _ identity: Identity, contents: Contents, opening: RunOpening)
        throws(RecipeError)
    {
        (self.url, self.identity, self.contents) = (url, identity, contents)
        let begun = try? String(contentsOf: url.appending(path: identity.file), encoding: .utf8)
        let isOther = begun.map { $0 != identity.text } ?? false
        guard opening.purpose != .reading else {
            lock = nil
            if isOther { throw Self.problem(url, Self.another(identity)) }
            return
        }
        if begun == nil { try Self.checkPlace(url) }
        lock = try Self.take(url)
        Leftovers.remove(in: url)
        if isOther { try replaceResults(because: Self.another(identity), opening) }
        if isOther || begun == nil { try write(Data(identity.text.utf8), to: identity.file) }
    }

    private static func another(_ identity: Identity) -> String {
        "it was begun with another \(identity.word)"
    }

    private static func problem(_ url: URL, _ text: String) -> RecipeError {
        .run(path: url.path, problem: "\(text); \(remedy)")
    }

    /// Refuses a place that holds files of others; logs that a shell has begun and a cache are none.
    private static func checkPlace(_ url: URL) throws(RecipeError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        let foreign = names.filter { name in
            !["cache", FolderLock.name].contains(name) && !name.hasSuffix(".log")
                && !name.hasPrefix(".dat.nosync")
        }
        guard let name = foreign.min() else { return }
        throw .run(
            path: url.path,
            problem:
                "the folder holds '\(name)' and is not a run; name an empty folder or a new one with --run"
        )
    }

    private static func take(_ url: URL) throws(RecipeError) -> FolderLock? {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw .run(path: url.path, problem: reason(error))
        }
        do {
            return try FolderLock.take(url)
        } catch {
            throw .locked(path: url.path, process: error.process)
        }
    }

    /// Records `inputs`, or compares them with those of the results that are there.
    ///
    /// - Parameter isCompared: whether an item of the record is compared; one that is not at hand is not.
    /// - Throws: an error that says what has changed, unless that may be overwritten.
    package func claim(
        _ inputs: RunInputs,
        _ opening: RunOpening,
        isCompared: (RunInputs.Item) -> Bool = { _ in true }
    ) throws(RecipeError) {
        let text = inputs.text
        let record = try? String(contentsOf: url.appending(path: Self.inputsName), encoding: .utf8)
        if opening.purpose == .reading || record == text { return }
        if contents.hasResults(url) {
            guard let record else { return try claimUnrecorded(text, opening) }
            let problem = Self.difference(inputs, record, isCompared)
            guard let problem else { return }
            try replaceResults(because: problem, opening)
        }
        try write(Data(text.utf8), to: Self.inputsName)
    }

    /// The problem with a record, compared with the current `inputs`; nil for none.
    private static func difference(
        _ inputs: RunInputs,
        _ record: String,
        _ isCompared: (RunInputs.Item) -> Bool
    )
        -> String?
    {
        guard let earlier = RunInputs(text: record) else { return "its file \(inputsName) is damaged" }
        let changes = inputs.without { !isCompared($0) }.changes(since: earlier.without { !isCompared($0) })
        return changes.isEmpty ? nil : "its data have changed since it was begun: \(changes)"
    }

    /// Results of a version that kept no record are tested with a notice, and never added to.
    private func claimUnrecorded(_ text: String, _ opening: RunOpening) throws(RecipeError) {
        let problem = "it was begun by an earlier version, which kept no record of its data"
        guard opening.purpose == .training else {
            return opening.notice(
                "the run in \(url.path): \(problem): whether they are the same is not known"
            )
        }
        try replaceResults(because: problem, opening)
        try write(Data(text.utf8), to: Self.inputsName)
    }

    /// Removes what the program has written, or throws where that was not asked for.
    private func replaceResults(because problem: String, _ opening: RunOpening) throws(RecipeError) {
        guard opening.isOverwriting, opening.purpose == .training else { throw Self.problem(url, problem) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        let own = names.filter { $0 != identity.file && contents.isOwn($0) }.sorted()
        opening.notice("the run in \(url.path): \(problem); removing \(own.joined(separator: ", "))")
        for name in own { Leftovers.removeTree(url.appending(path: name).path) }
    }

    /// Writes a result whole or not at all.
    package func write(_ data: Data, to name: String) throws(RecipeError) {
        do {
            try data.write(to: url.appending(path: name), options: .atomic)
        } catch {
            throw .run(path: url.appending(path: name).path, problem: reason(error))
        }
    }
}
