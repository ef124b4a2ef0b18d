// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Training

@Suite struct ProgressReporterTests {
    private func written(isBar: Bool, usesColor: Bool = false) -> String {
        var text = ""
        var reporter = ProgressReporter(isBar: isBar, usesColor: usesColor) { text += $0 }
        reporter.report("fold 1", done: 1, of: 2, [("loss", 1.5)])
        reporter.report("fold 1", done: 2, of: 2, [("loss", .nan)])
        reporter.finish()
        return text
    }

    @Test func elsewhereEachReportIsALineOfJSON() throws {
        let lines = written(isBar: false).split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines {
            #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
        }
        #expect(lines[0].contains("\"loss\":1.5") && !lines[1].contains("loss"))
    }

    @Test func onATerminalOneLineIsDrawnOverAndOver() {
        let text = written(isBar: true)
        #expect(text.filter { $0 == "\n" }.count == 1 && text.contains("\r") && text.contains("2/2"))
        #expect(!text.contains("\u{1B}[36m"), "no colour unless asked for")
    }
}
