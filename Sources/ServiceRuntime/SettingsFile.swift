// SPDX-License-Identifier: Apache-2.0
import Foundation
import PlainText
import PlainYAML
import Spelling
import Yams

/// Checks a configuration file key by key before anything is read from it.
///
/// swift-configuration only looks up known keys, so it would silently ignore a misspelt one.
package struct SettingsFile {
    private let path: String
    private let table: [SettingRow]

    /// Largest file that is read; a configuration of this program has a few kilobytes.
    static let largestByteCount = 1 << 20

    /// The file at `path` for the settings of `table`; nothing is read yet.
    package init(path: String, table: [SettingRow]) {
        self.path = path
        self.table = table
    }

    /// The settings of the file, each with the parts of its key. Throws when one of them is unknown, given twice or out
    /// of range.
    func values() throws(ProgramFailure) -> [([String], String)] {
        guard let mapping = try checked(text: try read()) else { return [] }
        return collected(mapping, section: nil)
    }

    private func collected(_ mapping: Node.Mapping, section: String?) -> [([String], String)] {
        mapping.flatMap { keyNode, value -> [([String], String)] in
            let name = keyNode.scalar?.string ?? "?"
            if case .mapping(let inner) = value { return collected(inner, section: name) }
            let key = section.map { "\($0).\(name)" } ?? name
            guard let row = table.first(where: { $0.key == key }), let text = value.scalar?.string else {
                return []
            }
            return [(row.path, text)]
        }
    }

    /// Checks a text that was already read; true if it contains a setting. Throws as ``values()`` does, naming the file.
    package func check(text: String) throws(ProgramFailure) -> Bool {
        try checked(text: text).map { !$0.isEmpty } ?? false
    }

    private func checked(text: String) throws(ProgramFailure) -> Node.Mapping? {
        switch try parsed(text) {
        case nil: return nil
        case .mapping(let mapping)?:
            try walk(mapping, section: nil)
            return mapping
        case let node?:
            throw failure(node, "contains no \"key: value\" lines")
        }
    }

    private func parsed(_ text: String) throws(ProgramFailure) -> Node? {
        do {
            return try PlainYAML.compose(text)
        } catch let error as AliasError {
            throw ProgramFailure(.configuration, "\(path) \(error)")
        } catch let error as YamlError {
            throw ProgramFailure(.configuration, sentence(for: error))
        } catch {
            throw ProgramFailure(.configuration, "\(path) is not YAML: \(error)")
        }
    }

    private func read() throws(ProgramFailure) -> String {
        // A pipe without a writer or a terminal must not block the daemon.
        let descriptor = PathText.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else {
            throw ProgramFailure(
                .configuration,
                "cannot read the configuration \(Plain.quoted(path)): \(lastSystemError())"
            )
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        if fstat(descriptor, &status) != 0 || [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) {
            throw ProgramFailure(
                .configuration,
                "cannot read the configuration \(Plain.quoted(path)): it is a pipe or socket; name a file"
            )
        }
        let data: Data
        // An empty file has no settings and reads as nil.
        do { data = try handle.read(upToCount: Self.largestByteCount + 1) ?? Data() } catch {
            throw ProgramFailure(
                .configuration,
                "cannot read the configuration \(Plain.quoted(path)): it is not a file"
            )
        }
        guard data.count <= Self.largestByteCount, let text = String(data: data, encoding: .utf8) else {
            throw ProgramFailure(
                .configuration,
                "\(path) is not a configuration: it is too large or not UTF-8 text"
            )
        }
        return text
    }

    private func walk(_ mapping: Node.Mapping, section: String?) throws(ProgramFailure) {
        for (keyNode, value) in mapping {
            let name = keyNode.scalar?.string ?? "?"
            let key = section.map { "\($0).\(name)" } ?? name
            if let row = table.first(where: { $0.key == key }) {
                try check(value, row)
            } else if section == nil, table.contains(where: { $0.path.first == key }) {
                try check(section: key, value)
            } else {
                throw unknown(key, keyNode)
            }
        }
    }

    /// A section may be empty: its keys are often commented out.
    private func check(section: String, _ value: Node) throws(ProgramFailure) {
        if case .mapping(let inner) = value { return try walk(inner, section: section) }
        guard value.scalar?.string == "" else {
            throw failure(value, "\(section) is a section; write its keys below it")
        }
    }

    private func check(_ value: Node, _ row: SettingRow) throws(ProgramFailure) {
        guard case .scalar(let scalar) = value, !scalar.string.isEmpty else {
            throw failure(value, "\(row.key) has no single value; it must be \(row.accepts)")
        }
        guard row.isValid(scalar.string) else {
            throw failure(value, "\(row.key) is \(scalar.string), but must be \(row.accepts)")
        }
    }

    private func unknown(_ key: String, _ node: Node) -> ProgramFailure {
        let nearest = nearestWord(to: key, among: table.map(\.key))
        let hint = nearest.map { "did you mean \($0)?" } ?? "undertoned --help lists the keys"
        return failure(node, "unknown key \(Plain.quoted(key)); \(hint)")
    }

    private func failure(_ node: Node, _ sentence: String) -> ProgramFailure {
        let line = node.mark.map { ":\($0.line)" } ?? ""
        return ProgramFailure(.configuration, "\(path)\(line): \(sentence)")
    }

    private func sentence(for error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(path):\(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            "\(path):\(context.mark.line): \(duplicates.map { "\($0)" }.joined(separator: ", ")) is given twice"
        default:
            "\(path) is not YAML: \(error)"
        }
    }

    private func lastSystemError() -> String { String(cString: strerror(errno)) }
}
