// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Foundation
import TestSupport
import Testing

@Suite struct JSONWriterTests {
    private func parsed(_ write: (inout JSONWriter) -> Void) throws -> [String: Any] {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        let object = try JSONSerialization.jsonObject(with: Data(writer.bytes))
        return try #require(object as? [String: Any])
    }

    @Test func keysAreInTheOrderOfTheCalls() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("z", 1)
        writer.beginArray("list")
        writer.element(1, decimals: 0)
        writer.element("two")
        writer.endArray()
        writer.field("a", true)
        writer.endObject()
        #expect(writer.text == #"{"z":1,"list":[1,"two"],"a":true}"#)
    }

    @Test(arguments: ["plain", "quote \" and \\ slash", "tab\tnewline\n\u{1}\u{7f}", "Ünïcödé 🎙", ""])
    func anyTextIsPreserved(_ text: String) throws {
        let object = try parsed { $0.field("text", text) }
        #expect(object["text"] as? String == text)
    }

    @Test(arguments: ["line\nbreak", "carriage\rreturn", "nul\0"])
    func aLineHoldsNoRawControlCharacter(_ text: String) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("text", text)
        writer.endObject()
        #expect(writer.bytes.allSatisfy { $0 >= 0x20 })
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude])
    func aNonFiniteNumberBecomesNull(_ value: Double) throws {
        let object = try parsed { $0.field("x", value, decimals: 3) }
        #expect(object["x"] is NSNull)
    }

    @Test func randomNumbersArePreservedToTheLastDecimal() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<1000 {
            let value = Double.random(in: -1e6...1e6, using: &random)
            let decimals = Int.random(in: 0...6, using: &random)
            let object = try parsed { $0.field("x", value, decimals: decimals) }
            let read = try #require(object["x"] as? Double)
            #expect(
                abs(read - value) <= 0.5 * pow(10, -Double(decimals)) + 1e-9,
                "\(value), \(decimals) decimals"
            )
        }
    }

    @Test func aSmallNegativeNumberIsNotMinusZero() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("x", -0.0001, decimals: 2)
        writer.endObject()
        #expect(writer.text == #"{"x":0.00}"#)
    }

    @Test func wallTimeIsUTCWithMilliseconds() {
        #expect(WallTime.text(nanoseconds: 0) == "1970-01-01T00:00:00.000Z")
        #expect(WallTime.text(nanoseconds: 1_795_214_413_750_999_999) == "2026-11-20T22:40:13.750Z")
        #expect(WallTime.nanoseconds("2026-11-20T22:40:13.750Z") == 1_795_214_413_750_000_000)
        for text in ["", "2026-11-20T22:40:13Z", "2026-13-20T22:40:13.750Z", "2026-02-30T22:40:13.750Z"] {
            #expect(WallTime.nanoseconds(text) == nil)
        }
    }
}
