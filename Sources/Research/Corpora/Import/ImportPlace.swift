// SPDX-License-Identifier: Apache-2.0
import Foundation
import PlainText

/// The folder that an import writes: a temporary one beside it, which then takes its place.
///
///     manifest.csv, audio/   the corpus
///     import.json            what it was made of, by which a later import knows its own
struct ImportPlace {
    /// What an import has made.
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
    /// Where the corpus is written first.
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

    /// Removes what killed imports have left, and refuses a destination whose content would be lost.
    func check(isOverwriting: Bool, _ notice: (String) -> Void) throws(CorporaError) {
        removeLeftovers()
        let names = Self.entries(of: destination)
        if names.isEmpty, !Self.isFile(destination) { return }
        guard !Self.isFile(destination), names.contains("manifest.csv") else {
            throw refusal(
                "it holds '\(names.min() ?? "a file")' and no corpus; name an empty folder or a new one"
            )
        }
        if let other = names.subtracting(Self.names).min() {
            throw refusal("it holds '\(other)' beside a corpus; move it away or name another folder")
        }
        if isOwn { return }
        guard isOverwriting else {
            throw refusal(
                "it holds a corpus that is not linked from \(source), or was changed since; name another folder, or add "
                    + "--overwrite to replace it"
            )
        }
        notice("replacing the corpus in \(destination): removing \(names.sorted().joined(separator: ", "))")
    }

    private func refusal(_ reason: String) -> CorporaError { .unwritable(path: destination, reason: reason) }

    /// Whether the destination holds nothing but links that an import of the same source has made.
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

    /// Puts the temporary folder in the place of the destination.
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

    /// Removes what killed imports have left beside the destination; a corpus that one was about to replace is put back
    /// where the new one is not there.
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

    /// The path with all links resolved, also of a folder that is still to be made.
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
