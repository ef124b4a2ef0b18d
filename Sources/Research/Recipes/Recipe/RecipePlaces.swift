// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// Places where recipes and ablations are found: a path, the checkout, the installed program's `share` folder.
package struct RecipePlaces: Sendable {
    /// Folder of the running program, such as `/usr/local/bin`.
    package let programFolder: String

    /// Places seen from a program's folder.
    package init(programFolder: String) { self.programFolder = programFolder }

    /// Places seen from the running program.
    package static var current: RecipePlaces {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return RecipePlaces(programFolder: program.deletingLastPathComponent().path)
    }

    /// Kind of file, named as its folder in `configs` and in `share/undertone`.
    package enum Kind: String, Sendable {
        case recipes, ablations
    }

    /// Files that `name` may mean, in the order in which they are tried.
    ///
    /// A path means itself. A bare name (`free`, `free.yaml`) also means `configs/recipes/free.yaml` from the current
    /// folder, then `../share/undertone/recipes/free.yaml` from the program's folder; so does a path into
    /// `configs/recipes` where there is no checkout.
    package func candidates(_ name: String, _ kind: Kind = .recipes) -> [URL] {
        let checkout = "configs/\(kind.rawValue)/"
        let isBare = !name.isEmpty && !name.contains("/")
        let bare = isBare ? name : name.hasPrefix(checkout) ? String(name.dropFirst(checkout.count)) : nil
        guard let bare, !bare.isEmpty, !bare.contains("/") else { return [URL(filePath: name)] }
        let file = bare.hasSuffix(".yaml") ? bare : bare + ".yaml"
        let share = URL(filePath: programFolder, directoryHint: .isDirectory).deletingLastPathComponent()
            .appending(path: "share/undertone/\(kind.rawValue)/\(file)")
        return (isBare ? [URL(filePath: name)] : []) + [URL(filePath: checkout + file), share]
    }

    /// The first of the candidates that is a file and no folder; the first of all where none is.
    package func file(named name: String, _ kind: Kind = .recipes) -> URL {
        let candidates = candidates(name, kind)
        return candidates.first { candidate in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue
        } ?? candidates.first ?? URL(filePath: name)
    }
}
