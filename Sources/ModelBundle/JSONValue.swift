// SPDX-License-Identifier: Apache-2.0

/// A parsed JSON text, as strict as RFC 8259 and stricter: no key twice in one object, bounded depth and size.
///
/// Foundation's decoder quietly keeps the first of two equal keys, so that two readers may see two models in one
/// file; that is why the header of a model is read here.
package enum JSONValue: Equatable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    /// A number without fraction or exponent that fits.
    case integer(Int)
    /// Any other finite number.
    case number(Double)
    case bool(Bool)
    case null

    /// What is wrong with a text, and at which byte.
    package struct Fault: Error, CustomStringConvertible {
        package let offset: Int
        package let reason: String
        package var description: String { "\(reason) at byte \(offset)" }
    }

    /// Limits that no real model comes near.
    package static let maximumDepth = 16
    package static let maximumValueCount = 100_000

    package init(parsing bytes: ArraySlice<UInt8>) throws(Fault) {
        var parser = JSONParser(bytes)
        self = try parser.parse()
    }

    package var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var integer: Int? { if case .integer(let value) = self { value } else { nil } }
}
