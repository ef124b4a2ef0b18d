// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Inputs of a run, recorded so that it detects a change: for each clip the content of its audio, its
/// label, its speaker and a checksum of the rest; for each other file its content.
///
/// Kept as `inputs.txt` in the folder of the run, one line for each.
package struct RunInputs: Hashable, Sendable {
    /// Subject of a line.
    package enum Kind: String, Sendable { case clip, file, table }

    /// One clip or one file.
    package struct Item: Hashable, Sendable {
        let kind: Kind
        /// Corpus and path of a clip; what a file is called in the recipe.
        let name: String
        /// Checksum of the file.
        let content: String
        var label = ""
        var speaker = ""
        /// Checksum of the other columns.
        var rest = ""
    }

    private static let heading = "undertone-inputs/1"

    private(set) var items: [String: Item] = [:]

    /// No inputs.
    package init() {}

    /// Adds a clip or a file.
    mutating func add(_ item: Item) { items["\(item.kind.rawValue) \(item.name)"] = item }

    /// The text of `inputs.txt`; equal inputs give equal text.
    package var text: String {
        let lines = items.sorted { $0.key < $1.key }.map { _, item in
            [item.kind.rawValue, item.name, item.content, item.label, item.speaker, item.rest]
                .map(Self.escaped).joined(separator: "\t")
        }
        return ([Self.heading] + lines).joined(separator: "\n") + "\n"
    }

    /// Reads the text of an `inputs.txt`; nil if it is none.
    package init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first.map(String.init) == Self.heading, lines.last == "" else { return nil }
        for line in lines.dropFirst().dropLast() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(Self.plain)
            guard fields.count == 6, let kind = Kind(rawValue: fields[0]) else { return nil }
            add(
                Item(
                    kind: kind,
                    name: fields[1],
                    content: fields[2],
                    label: fields[3],
                    speaker: fields[4],
                    rest: fields[5]
                )
            )
        }
    }

    /// The same without the items that `isLeftOut` names.
    func without(_ isLeftOut: (Item) -> Bool) -> RunInputs {
        var inputs = self
        inputs.items = items.filter { !isLeftOut($0.value) }
        return inputs
    }

    private static let escapes = [("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")]

    private static func escaped(_ field: String) -> String {
        guard field.utf8.contains(where: { [0x5C, 0x09, 0x0A, 0x0D].contains($0) }) else { return field }
        return escapes.reduce(field) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }

    private static func plain(_ field: Substring) -> String {
        guard field.utf8.contains(0x5C) else { return String(field) }
        var (text, isEscape) = ("", false)
        for character in field {
            if isEscape {
                text += ["t": "\t", "n": "\n", "r": "\r"][character] ?? String(character)
                isEscape = false
            } else if character == "\\" {
                isEscape = true
            } else {
                text.append(character)
            }
        }
        return text
    }
}
