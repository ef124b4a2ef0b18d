// SPDX-License-Identifier: Apache-2.0
import PlainText
import Testing

@Suite struct PlainTextTests {
    @Test(arguments: [
        ("\u{1B}[2J\u{7}", "\\u{1b}[2J\\u{7}"), ("\u{9B}31m", "\\u{9b}31m"), ("a\u{202E}b", "a\\u{202e}b"),
        ("a\u{2066}b\u{200F}", "a\\u{2066}b\\u{200f}"),
        ("a\u{200B}\u{200D}\u{FEFF}b", "a\\u{200b}\\u{200d}\\u{feff}b"),
        ("a\u{AD}\u{3164}\u{E0041}", "a\\u{ad}\\u{3164}\\u{e0041}"),
        ("one\r\ntwo\tthree\u{2028}", "one  two three "),
        ("caf\u{EFE9}", "caf\\xe9"),
    ])
    func controlAndInvisibleCharactersBecomeVisible(text: String, plain: String) {
        #expect(plainText(text) == plain)
        let hidden = plainText(text).unicodeScalars.filter { $0.isHidden }
        #expect(hidden.isEmpty)
    }

    @Test(arguments: ["Ärger", "마이크", "❤\u{FE0F}", "مرحبا", "a–b → c", "e\u{301}"])
    func ordinaryTextIsUnchanged(text: String) { #expect(plainText(text) == text) }

    @Test func aMessageOfSeveralLinesKeepsItsLines() {
        #expect(plainText("one\n\u{1B}two\n", keepsLines: true) == "one\n\\u{1b}two\n")
    }

    @Test func plainJSONKeepsValuesAndEscapesHiddenCharacters() {
        #expect(plainJSON("{\"a\":\"\u{202E}\u{E0041}\"}\n") == #"{"a":"\u202e\udb40\udc41"}"# + "\n")
    }

    @Test(arguments: [
        [0x63, 0xE9, 0x2E], [0xFF], [0xC3, 0xA4], [0xEE, 0xBE, 0x80], [0xEF, 0xBE, 0xA9, 0xE9], [0xE2, 0x82],
        [0xF0, 0x9F, 0x98, 0x80, 0xC3], [],
    ])
    func aNameIsPreservedByteForByte(bytes: [UInt8]) {
        #expect(PathText.bytes(PathText.text(bytes)) == bytes)
    }

    @Test func everyPairOfBytesIsPreserved() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second, UInt8(ascii: "a")]
                if PathText.bytes(PathText.text(bytes)) != bytes { Issue.record("\(bytes)") }
            }
        }
    }
}
