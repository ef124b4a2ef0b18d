// SPDX-License-Identifier: Apache-2.0
import ModelBundle
import Testing

struct JSONValueTests {
    private func parse(_ text: String) throws(JSONValue.Fault) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8)[...])
    }

    @Test func everyKindOfValueIsRead() throws {
        let text = #" {"a": [1, -2.5, 1e3, true, false, null, "x"], "b": {}, "": [] } "#
        let list: [JSONValue] = [
            .integer(1), .number(-2.5), .number(1000), .bool(true), .bool(false), .null, .string("x"),
        ]
        #expect(try parse(text) == .object(["a": .array(list), "b": .object([:]), "": .array([])]))
    }

    @Test func escapesAreRead() throws {
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀é"))
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "01", "-", "1.", ".5",
        "1e", "+1",
        "1e999", "NaN", "Infinity", "tru", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"", "\"\n\"", "1 1", "{\"a\":1,\"a\":1}", "[1]]", "\u{FEFF}1",
    ])
    func everythingElseIsRefused(_ text: String) {
        #expect(throws: JSONValue.Fault.self) { try parse(text) }
    }

    @Test func depthIsLimited() throws {
        let depth = JSONValue.maximumDepth
        #expect(throws: Never.self) {
            try parse(String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth))
        }
        #expect(throws: JSONValue.Fault.self) { try parse(String(repeating: "[", count: depth + 1) + "1") }
    }
}
