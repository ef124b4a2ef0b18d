// SPDX-License-Identifier: Apache-2.0
import Foundation
import StrictJSON
import TestSupport
import Testing

@Suite struct JSONValueTests {
    private func read(_ text: String) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
        ("-12.5e1", .number(-125)), ("1E+2", .number(100)), (#""""#, .string("")),
        (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{c}\n\r\t")),
        (#""\u00fc\ud83c\udf99""#, .string("ü🎙")),
        ("[]", .array([])), ("[1, [2]]", .array([.integer(1), .array([.integer(2)])])),
        (#"{ "a" : {"b":null} }"#, .object(["a": .object(["b": .null])])),
    ])
    func validJSONIsAccepted(_ text: String, _ value: JSONValue) throws {
        #expect(try read(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "True", "1 2", "{} {}", "01", "-", "+1", ".5", "1.", "1e", "1e400", "-1e999",
        "NaN",
        "Infinity", "[1,]", "[,1]", "[1", "{", "{]", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}", "{1:2}",
        #"""#,
        "]", "{\"a\":1,\"a\":1}", "[1 2]", "[1]]", #""\ud800\u0041""#, "\"\n\"",
        #""\x""#, #""\u12""#, #""\u12G4""#, #""\ud83c""#, #""\udf99""#, #""\ud83cA""#, "\"\u{1}\"", "'a'",
        "// 1",
        "\u{feff}1",
    ])
    func invalidJSONIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    @Test func aNameMayOccurOnlyOnce() {
        let error = #expect(throws: JSONError.self) { try read(#"{"mode":"hop","mode":"final"}"#) }
        #expect(error?.reason == "duplicate name 'mode'")
    }

    @Test(arguments: ["[", #"{"a":"#])
    func depthIsBounded(_ opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth - 1) + (opening == "[" ? "[]" : "{}")
                + String(repeating: closing, count: depth - 1)
        }
        #expect(throws: Never.self) { try read(nested(8)) }
        #expect(throws: JSONError.self) { try read(nested(9)) }
        #expect(throws: JSONError.self) { try read(String(repeating: opening, count: 1_000_000)) }
    }

    @Test func theNumberOfValuesIsBounded() throws {
        let text = Array("[1,[2,3],{\"a\":4}]".utf8)
        #expect(throws: Never.self) { try JSONValue(parsing: text, limits: JSONLimits(depth: 2, values: 7)) }
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: text, limits: JSONLimits(depth: 2, values: 6))
        }
    }

    @Test func offsetsCountFromTheStartOfASlice() {
        let error = #expect(throws: JSONError.self) {
            try JSONValue(parsing: Array("xx[1,]".utf8)[2...])
        }
        #expect(error?.offset == 3)
    }

    @Test(
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]]
    )
    func textMustBeValidUTF8(_ bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError.self) { try JSONValue(parsing: [quote] + bytes + [quote]) }
    }

    @Test func aWholeNumberIsExactOrNil() {
        #expect(JSONValue.number(9_007_199_254_740_992).integer == 9_007_199_254_740_992)
        #expect(JSONValue.number(1e300).integer == nil && JSONValue.number(0.5).integer == nil)
        #expect(JSONValue.string("1").integer == nil && JSONValue.integer(1).number == 1)
        #expect(JSONValue.integer(.max).integer == nil && JSONValue.integer(.max).exactInteger == .max)
        #expect(JSONValue.number(1_000).exactInteger == 1_000 && JSONValue.number(1e19).exactInteger == nil)
        #expect(JSONValue.number(2).literalInteger == nil && JSONValue.integer(2).literalInteger == 2)
    }

    /// Foundation is the reference: it must accept every text that is accepted here.
    @Test func acceptedMutationsAreAcceptedByFoundation() {
        let seed = Array(
            #"{"type":"subscribe","id":1,"events":["estimate"],"max_hz":4.5e0,"u":"\u00fc"}"#.utf8
        )
        var random = SeededRandom(seed: 11)
        var acceptedCount = 0
        for _ in 0..<100_000 {
            let text = mutated(seed, &random)
            guard (try? JSONValue(parsing: text)) != nil else { continue }
            acceptedCount += 1
            let accepted = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
            #expect(accepted != nil, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(acceptedCount > 1_000, "the mutations must leave something to compare")
    }

    private func mutated(_ seed: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var text = seed
        let alphabet = Array(#"{}[]",:\u0e.-+tfn"#.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = text.indices.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<4, using: &random) {
            case 0: text[place] = UInt8.random(in: 0 ... .max, using: &random)
            case 1: text[place] = alphabet.randomElement(using: &random) ?? 0
            case 2: text.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
            default: text.remove(at: place)
            }
        }
        return text
    }
}
