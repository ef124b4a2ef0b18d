// SPDX-License-Identifier: Apache-2.0
import Corpora
public import Foundation
import PlainYAML
import Yams

/// One recipe in several variants and with several seeds: what each part of it is worth.
///
///     base: ../recipes/pretext.yaml
///     seeds: [1, 2, 3]
///     common: { evaluation.noise: null }
///     variants:
///       all tasks: {}
///       without energy: { stages.pretext.pretext.energyWeight: 0 }
///       from scratch: { stages.pretext: null }
///
/// A variant changes values by their path in the base recipe; items of a list are named by their `name` or counted from
/// 0, and `null` takes a key or an item out. `common`, which may be absent, changes all of them. The first variant is the one that the others are compared with.
public struct Ablation: Sendable {
    /// The recipe file that the variants change.
    public let base: URL
    /// Every variant is trained with each of these.
    public let seeds: [UInt64]
    /// The recipes by variant, in the order of the file, with the base recipe's seed.
    public let variants: [(name: String, recipe: Recipe)]

    /// Reads and checks an ablation.
    ///
    /// - Throws: an error that names the file, the variant and the path that the base recipe does not have.
    public init(file: URL) throws(RecipeError) {
        let root = try Self.node(file: file)
        guard let mapping = root.mapping, let path = mapping["base"]?.string,
            let seeds = mapping["seeds"]?.sequence?.map({ $0.int.flatMap(UInt64.init(exactly:)) }),
            let variants = mapping["variants"]?.mapping
        else { throw .recipe(file: file.path, problem: "it must hold base, seeds and variants") }
        let known = ["base", "seeds", "common", "variants"]
        if let other = mapping.keys.compactMap(\.string).first(where: { !known.contains($0) }) {
            throw .recipe(file: file.path, problem: "unknown key '\(other)'")
        }
        self.seeds = seeds.compactMap { $0 }
        guard self.seeds.count == seeds.count, !seeds.isEmpty, !variants.isEmpty else {
            throw .recipe(file: file.path, problem: "seeds must be whole numbers, and variants at least one")
        }
        base =
            URL(filePath: path, relativeTo: file.absoluteURL.deletingLastPathComponent()).standardizedFileURL
        var recipe = try Self.node(file: base)
        if let common = mapping["common"] {
            recipe = try Self.changed(recipe, by: common, place: "\(file.path), common")
        }
        var made: [(String, Recipe)] = []
        for (key, changes) in variants {
            made.append(try Self.variant(key.string ?? "", changes, of: recipe, file: file))
        }
        self.variants = made
    }

    private static func node(file: URL) throws(RecipeError) -> Node {
        let text: String
        do { text = try String(contentsOf: file, encoding: .utf8) } catch {
            throw .recipe(file: file.path, problem: "it cannot be read: \(reason(error))")
        }
        return try StrictYAML.document(text, file: file.path)
    }

    private static func variant(_ name: String, _ changes: Node, of recipe: Node, file: URL)
        throws(RecipeError) -> (String, Recipe)
    {
        let place = "\(file.path), variant '\(name)'"
        if name.isEmpty { throw .recipe(file: place, problem: "it must have a name") }
        let changed = try changed(recipe, by: changes, place: place)
        guard let text = try? Yams.serialize(node: changed) else {
            throw .recipe(file: place, problem: "it cannot be written as YAML")
        }
        return (name, try Recipe(yaml: text, file: place))
    }

    /// `recipe` with the values that `changes` holds by path.
    private static func changed(_ recipe: Node, by changes: Node, place: String) throws(RecipeError) -> Node {
        guard let changes = changes.mapping else {
            throw .recipe(file: place, problem: "it must be a mapping of paths to values")
        }
        var changed = recipe
        for (key, value) in changes {
            let path = (key.string ?? "").split(separator: ".").map(String.init)
            guard changed.replace(path[...], by: value) else {
                throw .recipe(
                    file: place,
                    problem: "the base recipe has no '\(path.joined(separator: "."))'"
                )
            }
        }
        return changed
    }
}

extension Node {
    /// Puts `value` where `path` leads, or takes away what is there if it is null; false if it leads nowhere.
    fileprivate mutating func replace(_ path: ArraySlice<String>, by value: Node) -> Bool {
        guard let step = path.first else { return false }
        let rest = path.dropFirst()
        if var mapping = mapping {
            if rest.isEmpty {
                // A key that the base leaves out is added; one that no recipe knows is refused when it is decoded.
                mapping[PlainYAML.key(step)] = value.null == nil ? value : nil
            } else {
                guard var child = mapping[PlainYAML.key(step)], child.replace(rest, by: value) else {
                    return false
                }
                mapping[PlainYAML.key(step)] = child
            }
            self = .mapping(mapping)
            return true
        }
        guard var sequence = sequence, let index = sequence.index(named: step) else { return false }
        if rest.isEmpty {
            if value.null == nil { sequence[index] = value } else { sequence.remove(at: index) }
        } else {
            guard sequence[index].replace(rest, by: value) else { return false }
        }
        self = .sequence(sequence)
        return true
    }
}

extension Node.Sequence {
    /// The item whose `name` is `step`, or the `step`th.
    fileprivate func index(named step: String) -> Int? {
        firstIndex { $0.mapping?["name"]?.string == step }
            ?? Int(step).flatMap { indices.contains($0) ? $0 : nil }
    }
}
