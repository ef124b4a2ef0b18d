// SPDX-License-Identifier: Apache-2.0
import Foundation
import PlainYAML
import Spelling
package import Yams

/// YAML into a `Codable` value, refusing what the value does not know.
///
/// A misspelt key that is silently ignored trains another model than the one that was asked for. So the decoded value is
/// written again, and a key of the file that does not come back is unknown; the error names the nearest known one.
package enum StrictYAML {
    package static func decode<Value: Codable>(_ type: Value.Type, from text: String, file: String)
        throws(RecipeError) -> Value
    {
        let given = try document(text, file: file)
        let value: Value
        let known: Node?
        do {
            value = try YAMLDecoder().decode(type, from: given)
            known = try PlainYAML.compose(YAMLEncoder().encode(value))
        } catch let error as DecodingError {
            throw .recipe(file: file, problem: sentence(error, in: given))
        } catch {
            throw .recipe(file: file, problem: "it cannot be written as YAML: \(error)")
        }
        if let known, let problem = unknownKey(in: given, known: known, path: []) {
            throw .recipe(file: file, problem: problem)
        }
        return value
    }

    /// Content of the file, before its keys are checked.
    package static func document(_ text: String, file: String) throws(RecipeError) -> Node {
        do {
            if let node = try PlainYAML.compose(text) { return node }
        } catch let error as AliasError {
            throw .recipe(file: file, problem: "it \(error)")
        } catch {
            throw .recipe(
                file: file,
                problem: "it is not valid YAML: \(firstLine(String(describing: error)))"
            )
        }
        throw .recipe(file: file, problem: "it is empty")
    }

    private static func unknownKey(in given: Node, known: Node, path: [String]) -> String? {
        if let given = given.mapping, let known = known.mapping {
            let names = Array(known.keys.compactMap(\.string))
            for (key, value) in given {
                let name = key.string ?? "?"
                guard let counterpart = known[PlainYAML.key(name)] else {
                    return unknown(name, line: key.mark?.line, path: path, names: names)
                }
                if let problem = unknownKey(in: value, known: counterpart, path: path + [name]) {
                    return problem
                }
            }
        } else if let given = given.sequence, let known = known.sequence {
            for (index, pair) in zip(given, known).enumerated() {
                if let problem = unknownKey(in: pair.0, known: pair.1, path: path + [String(index)]) {
                    return problem
                }
            }
        }
        return nil
    }

    private static func unknown(_ name: String, line: Int?, path: [String], names: [String]) -> String {
        let place = line.map { "line \($0): " } ?? ""
        let nearest = nearestWord(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
        return "\(place)unknown key '\((path + [name]).joined(separator: "."))'\(nearest)"
    }

    /// A missing key is often a misspelt one: a key of the same mapping that resembles it is named too.
    private static func sentence(_ error: DecodingError, in root: Node) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            let names =
                context.codingPath.reduce(Optional(root)) { node, step in
                    step.intValue.flatMap { node?.sequence?[$0] }
                        ?? node?.mapping?[PlainYAML.key(step.stringValue)]
                }?.mapping?.keys.compactMap(\.string) ?? []
            let candidate =
                nearestWord(to: key.stringValue, among: names).map { "; is '\($0)' meant to be it?" } ?? ""
            return "the key '\(path(context, key))' is missing\(candidate)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return
                "the value of '\(path(context, nil))' is of the wrong kind: \(firstLine(context.debugDescription))"
        @unknown default:
            return firstLine(String(describing: error))
        }
    }

    private static func path(_ context: DecodingError.Context, _ key: (any CodingKey)?) -> String {
        (context.codingPath + (key.map { [$0] } ?? [])).map { $0.intValue.map(String.init) ?? $0.stringValue }
            .joined(separator: ".")
    }

    private static func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? text
    }
}
