// SPDX-License-Identifier: Apache-2.0
import Corpora
import Testing

struct CSVTableTests {
    private func table(_ text: String) throws -> CSVTable { try CSVTable(text: text.utf8, file: "t.csv") }

    @Test func quotesHoldCommasLineEndsAndQuotes() throws {
        let table = try table("a,b\r\n\"x, y\",\"say \"\"so\"\"\"\n\"two\nlines\",end\n")
        #expect(table.rows.map { table.value("a", in: $0) } == ["x, y", "two\nlines"])
        #expect(table.rows.map { table.value("b", in: $0) } == ["say \"so\"", "end"])
    }

    @Test func aRowKnowsItsLineAfterQuotedLineEnds() throws {
        let table = try table("a\n\"1\n2\n3\"\n\nlast\n")
        #expect(table.rows.map(\.line) == [2, 6])
    }

    @Test func aByteOrderMarkIsNotPartOfTheFirstColumn() throws {
        #expect(try table("\u{FEFF}path,label\n").columns == ["path", "label"])
    }

    @Test func anEmptyFieldIsAbsent() throws {
        let table = try table("a,b\n,2\n")
        #expect(table.value("a", in: table.rows[0]) == nil)
        #expect(table.value("missing", in: table.rows[0]) == nil)
    }

    @Test(arguments: [
        ("", 1, "the table is empty; its first line must name the columns"),
        ("a,b\n1,2\n3\n", 3, "1 fields where the header has 2"),
        ("a,b\n1,\"2\n3,4\n", 2, "a quote opens here and never closes"),
        ("a,a\n", 1, "the column 'a' appears twice"),
    ])
    func aBrokenTableIsRefusedWithFileAndLine(text: String, line: Int, problem: String) {
        #expect(throws: CorporaError.malformed(file: "t.csv", line: line, problem: problem)) {
            try table(text)
        }
    }

    @Test(arguments: [
        ("path;label\n1;2\n", "semicolons"), ("path\tlabel\n", "tabs"), ("a|b\n", "vertical bars"),
    ])
    func otherSeparatorsAreReported(text: String, separator: String) {
        let error = #expect(throws: CorporaError.self) { try table(text) }
        #expect(
            error?.description.contains("separated by \(separator), but must be separated by commas") == true
        )
    }

    @Test func aSemicolonInsideOfAFieldIsText() throws {
        #expect(try table("path,note\na.wav,\"one; two\"\n").rows.count == 1)
    }

    @Test func invalidUTF8IsRefused() {
        let bytes: [UInt8] = Array("a\n".utf8) + [0xFF, 0xFE, 0x0A]
        #expect(
            throws: CorporaError.malformed(file: "t.csv", line: 2, problem: "the text is not valid UTF-8")
        ) {
            try CSVTable(text: bytes, file: "t.csv")
        }
    }
}
