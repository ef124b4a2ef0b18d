// SPDX-License-Identifier: Apache-2.0
import EventSocket
import TestSupport
import Testing

@Suite struct LineFramerTests {
    private static let limit = LineFramer.maximumLength
    private static let longest = String(repeating: "x", count: limit)

    private func pieces(_ text: String, cut: Cut) -> [LineFramer.Piece] {
        let bytes = Array(text.utf8)
        var framer = LineFramer()
        return cut.ranges(of: bytes.count).flatMap { framer.append(bytes[$0]) }
    }

    @Test(arguments: Cut.all(hop: 16))
    func everyCutGivesTheSameLines(_ cut: Cut) {
        let text = "first\n\n\r\nsecond\r\nth\rird\n" + Self.longest + "\nunfinished"
        let lines = ["first", "second", "th\rird", Self.longest].map { LineFramer.Piece.line(Array($0.utf8)) }
        #expect(pieces(text, cut: cut) == lines)
    }

    @Test(arguments: Cut.all(hop: 1_024))
    func aLineThatIsTooLongEndsTheStream(_ cut: Cut) {
        let text = "good\n" + Self.longest + "x\nnever read\n"
        #expect(pieces(text, cut: cut) == [.line(Array("good".utf8)), .tooLong])
    }

    @Test func aLineWithoutAnEndIsNotKept() {
        var framer = LineFramer()
        let flood = [UInt8](repeating: 0, count: 1 << 20)
        #expect(framer.append(flood[...]) == [.tooLong])
        #expect(framer.append(flood[...]).isEmpty)
    }
}
