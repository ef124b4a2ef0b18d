// SPDX-License-Identifier: Apache-2.0
import Foundation
import PlainText

/// The folder that an import writes: first a temporary one next to it, which then replaces it.
///
///     manifest.csv, audio/   the corpus
///     import.json            its source, so that a later import recognises it
struct ImportPlace {
    /// Description of a finished import.
    private struct Record: Codable, Equatable {
        let source: String
        let copies: Bool
        /// Checksum of `manifest.csv`.
        let manifest: String
    }

    private static let recordName = "import.json"
    private static let names: Set = ["manifest.csv", "audio", recordName]

    private let destination: String
    private let source: String
    /// Folder to which the corpus is written first.
    let temporary: URL

    /// - Throws: an error if the destination overlaps the recordings.
    init(_ destination: URL, of source: URL) throws(CorporaError) {
        (self.source, self.destination) = (Self.realPath(of: source), Self.realPath(of: destination))
        temporary = URL(filePath: "\(self.destination).\(getpid()).tmp", directoryHint: .isDirectory)
        let (from, to) = (self.source, self.destination)
        guard from == to || from.hasPrefix(to + "/") || to.hasPrefix(from + "/") else { return }
        throw .unwritable(
            path: destination.path,
            reason: "it overlaps the recordings in \(source.path); name a folder outside of them"
        )
    }

    /// Removes files left by killed imports, and throws if content of the destination would be lost.
    func check(isOverwriting: Bool, _ notice: (String) -> Void) throws(CorporaError) {
        removeLeftovers()
        let names = Self.entries(of: destination)
        if names.isEmpty, !Self.isFile(destination) { return }
        guard !Self.isFile(destination), names.contains("manifest.csv") else {
            throw refusal(
                "it contains '\(names.min() ?? "a file")' and is not a corpus; name an empty folder or a new one"
            )
        }
        if let other = names.subtracting(Self.names).min() {
            throw refusal("it also contains '\(other)'; move it away or name another folder")
        }
        if isOwn { return }
        guard isOverwriting else {
            throw refusal(
                "it contains a corpus that is not linked from \(source), or was changed since; name another folder, or add "
                    + "--overwrite to replace it"
            )
        }
        notice("replacing the corpus in \(destination): removing \(names.sorted().joined(separator: ", "))")
    }

    private func refusal(_ reason: String) -> CorporaError { .unwritable(path: destination, reason: reason) }

    /// True if the destination contains only links that an import of the same source has made.
    private var isOwn: Bool {
        let file = URL(filePath: destination).appending(path: Self.recordName)
        guard let record = try? JSONDecoder().decode(Record.self, from: Data(contentsOf: file)) else {
            return false
        }
        return record == Record(source: source, copies: false, manifest: Self.manifest(of: destination))
    }

    private static func manifest(of folder: String) -> String {
        let data = (try? Data(contentsOf: URL(filePath: folder).appending(path: "manifest.csv"))) ?? Data()
        return ContentHash.digits(data.withUnsafeBytes(ContentHash.of))
    }

    /// Replaces the destination by the temporary folder.
    func finish(copies: Bool) throws(CorporaError) {
        let record = Record(source: source, copies: copies, manifest: Self.manifest(of: temporary.path))
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            try encoder.encode(record).write(to: temporary.appending(path: Self.recordName))
        } catch {
            throw refusal(reason(error))
        }
        let retired = "\(destination).\(getpid()).old"
        let isReplacing = Self.move(destination, to: retired)
        guard Self.move(temporary.path, to: destination) else {
            let reason = String(cString: strerror(errno))
            if isReplacing { _ = Self.move(retired, to: destination) }
            throw refusal(reason)
        }
        if isReplacing { Leftovers.removeTree(retired) }
    }

    private static func move(_ from: String, to: String) -> Bool {
        let from = from.count > 1 && from.hasSuffix("/") ? String(from.dropLast()) : from
        return PathText.withPath(from) { from in PathText.withPath(to) { rename(from, $0) } } == 0
    }

    /// Removes temporary folders of killed imports next to the destination. If an import was killed while it replaced a
    /// corpus and the new one is missing, the old one is restored.
    private func removeLeftovers() {
        let place = URL(filePath: destination)
        let parent = place.deletingLastPathComponent().path
        for name in Self.entries(of: parent) where name.hasPrefix(place.lastPathComponent + ".") {
            let parts = name.dropFirst(place.lastPathComponent.count + 1).split(separator: ".")
            let left = parent + "/" + name
            guard parts.count == 2, let process = pid_t(parts[0]), Leftovers.hasEnded(process),
                Self.entries(of: left).isSubset(of: Self.names)
            else { continue }
            if parts[1] == "tmp" { Leftovers.removeTree(left) }
            if parts[1] == "old", !Self.move(left, to: destination) { Leftovers.removeTree(left) }
        }
    }

    private static func entries(of folder: String) -> Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// The path with all links resolved; the folder need not exist.
    private static func realPath(of folder: URL) -> String {
        var (path, rest) = (folder.absoluteURL.standardizedFileURL, [String]())
        while path.path != "/", !FileManager.default.fileExists(atPath: path.path) {
            rest.insert(path.lastPathComponent, at: 0)
            path.deleteLastPathComponent()
        }
        let real = rest.reduce(path.resolvingSymlinksInPath()) { $0.appending(path: $1) }.path
        return real.count > 1 && real.hasSuffix("/") ? String(real.dropLast()) : real
    }
}
