// SPDX-License-Identifier: Apache-2.0
import PlainYAML
import Testing
import Yams

@Suite struct PlainYAMLTests {
    /// Twenty lines like these represent more values than a computer can compare in a year.
    @Test(arguments: [
        "a: &a [x, x]\nb: [*a, *a]", "a: &a x\n? *a\n: y", "{\"a\": &a x, \"b\":*a}", "- &a x\n- *a",
        "a: &a\n  x: 1\nb:\n  <<: *a", "{\" #\": 0, a: &a [1, 1], b: [*a, *a]}", "a: &a x\nb:\u{85}*a",
    ])
    func anAliasIsRefused(text: String) {
        #expect(throws: AliasError.self) { try PlainYAML.compose(text) }
    }

    @Test(arguments: ["a: 2*3 & 4", "a: b*c&d", "# * a & b\na: 1", "a: \"x*\" # *", "a: \"*b\""])
    func textThatLooksLikeAnAliasIsAccepted(text: String) throws {
        #expect(try PlainYAML.compose(text)?.mapping?[PlainYAML.key("a")] != nil)
    }

    @Test(arguments: ["no", "0x10", "1_0", "~", "2001-01-01", "<<"])
    func aKeyIsItsLiteralText(key: String) throws {
        let mapping = try PlainYAML.compose("\(key): 1")?.mapping
        #expect(mapping?[PlainYAML.key(key)]?.string == "1")
    }

    @Test func aTextWithoutDocumentGivesNil() throws {
        #expect(try PlainYAML.compose("") == nil)
        #expect(try PlainYAML.compose("# nothing\n") == nil)
    }

    @Test func aDuplicateKeyIsAnError() {
        #expect(throws: YamlError.self) { try PlainYAML.compose("a: 1\na: 2") }
    }
}
