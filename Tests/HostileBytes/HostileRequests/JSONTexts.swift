// SPDX-License-Identifier: Apache-2.0
import Foundation
import FuzzInvariants
import StrictJSON

/// A text that is accepted is JSON to another reader too, and its value stays the same when it is written and read again.
func feedJSON(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let value = try? JSONValue(parsing: bytes) else { return }
    try plantedBug(when: value.array?.count == 8)
    let oracle = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    try promise(oracle != nil, "a text was accepted that is no JSON to Foundation")
    let again = try? JSONValue(parsing: Array(text(of: value).utf8))
    try promise(again == value, "a value changes when it is written and read again")
}

private func text(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): quoted(value)
    case .array(let elements): "[\(elements.map(text).joined(separator: ","))]"
    case .object(let members):
        "{\(members.map { "\(quoted($0.key)):\(text(of: $0.value))" }.joined(separator: ","))}"
    }
}

private func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
        switch scalar {
        case "\"", "\\": "\\\(scalar)"
        case ..<" ": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        default: String(scalar)
        }
    }
    return "\"\(escaped.joined())\""
}
