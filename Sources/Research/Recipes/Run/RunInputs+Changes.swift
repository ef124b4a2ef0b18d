// SPDX-License-Identifier: Apache-2.0
import Foundation

extension RunInputs {
    /// The changes since `earlier`, with numbers and the first names; empty if there are none.
    func changes(since earlier: RunInputs) -> String {
        let keys = Set(items.keys).union(earlier.items.keys).sorted()
        var changes = Changes()
        for key in keys {
            switch (earlier.items[key], items[key]) {
            case (nil, let item?): changes.add(item, "added")
            case (let item?, nil): changes.add(item, "gone")
            case (let old?, let new?) where old != new: changes.add(old, new)
            default: continue
            }
        }
        return changes.sentence
    }

    /// Names by what happened to them.
    private struct Changes {
        private var names: [String: [String]] = [:]

        /// In the order in which they are told.
        private static let kinds = [
            "clips added", "clips gone", "recordings with other content", "labels changed",
            "speakers changed",
            "clips with other votes, lengths or columns", "files added", "files gone", "files changed",
        ]

        mutating func add(_ item: Item, _ what: String) {
            add(item.name, to: item.kind == .clip ? "clips \(what)" : "files \(what)")
        }

        mutating func add(_ old: Item, _ new: Item) {
            guard new.kind == .clip else { return add(new.name, to: "files changed") }
            if old.content != new.content { add(new.name, to: "recordings with other content") }
            if old.label != new.label {
                add("\(new.name): '\(old.label)', now '\(new.label)'", to: "labels changed")
            }
            if old.speaker != new.speaker { add(new.name, to: "speakers changed") }
            if old.rest != new.rest { add(new.name, to: "clips with other votes, lengths or columns") }
        }

        private mutating func add(_ name: String, to kind: String) { names[kind, default: []].append(name) }

        var sentence: String {
            Self.kinds.compactMap { kind in
                names[kind].map { names in
                    let first = names.prefix(2).joined(separator: ", ") + (names.count > 2 ? " ..." : "")
                    return "\(kind): \(names.count) (\(first))"
                }
            }.joined(separator: "; ")
        }
    }
}
