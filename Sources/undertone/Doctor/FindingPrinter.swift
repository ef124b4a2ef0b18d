// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Glibc
import PlainText
import ServiceRuntime

/// Prints findings as they are made: a row and its remedy for people, a line of JSON for programs.
struct FindingPrinter {
    private static let checkColumns = 13
    private let isJSON: Bool
    private let terminal: Terminal

    init(isJSON: Bool, _ environment: [String: String]) {
        self.isJSON = isJSON
        terminal = Terminal(descriptor: STDOUT_FILENO, environment: environment)
    }

    func print(_ finding: Finding) throws {
        try StandardOutput.write(isJSON ? JSONWriter.line { finding.write(to: &$0) } : text(finding))
    }

    /// Prints the distribution of latencies, if there is one.
    func print(_ latency: LatencyHistogram?) throws {
        guard let latency else { return }
        try StandardOutput.write(isJSON ? JSONWriter.line { latency.write(to: &$0) } : text(latency))
    }

    /// Prints the totals, and ends the program if something failed.
    func finish(_ findings: Findings) throws {
        let counts = Finding.Verdict.allCases.map { "\(findings.count($0)) \($0.rawValue)" }
        if isJSON {
            try StandardOutput.write(
                JSONWriter.line { writer in
                    writer.field("type", "result")
                    writer.field("ok", findings.count(.ok))
                    writer.field("warn", findings.count(.warn))
                    writer.field("fail", findings.count(.fail))
                    writer.field("skipped", findings.count(.skipped))
                    writer.field("exit", findings.status.rawValue)
                }
            )
        } else {
            try StandardOutput.write("\n" + counts.joined(separator: ", ") + "\n")
        }
        if findings.status != .success { throw ProgramFailure(findings.status, "") }
    }

    private func text(_ finding: Finding) -> String {
        let verdict = Plain.padRight(finding.verdict.rawValue, 7)
        let head = colored(verdict, finding.verdict) + " " + Plain.padRight(finding.check, Self.checkColumns)
        let indent = String(repeating: " ", count: 8 + Self.checkColumns)
        let remedy = finding.remedy.map { indent + "→ " + plainText($0) + "\n" } ?? ""
        return head + plainText(finding.seen) + "\n" + indent + "(" + plainText(finding.looked) + ")\n"
            + remedy
    }

    private func colored(_ text: String, _ verdict: Finding.Verdict) -> String {
        guard terminal.hasColor else { return text }
        let code =
            switch verdict {
            case .ok: "32"
            case .warn: "33"
            case .fail: "1;31"
            case .skipped: "2"
            }
        return "\u{1B}[\(code)m" + text + "\u{1B}[0m"
    }

    private func text(_ latency: LatencyHistogram) -> String {
        let most = latency.bins.map(\.count).max() ?? 1
        return "\n"
            + latency.bins.map { bin in
                let edge =
                    bin.belowMilliseconds.isFinite
                    ? "< \(Plain.number(bin.belowMilliseconds, bin.belowMilliseconds < 1 ? 1 : 0)) ms"
                    : "more"
                let bar = String(repeating: "#", count: (bin.count * 50 + most - 1) / most)
                return Plain.pad(edge, 12) + Plain.pad("\(bin.count)", 8) + "  " + bar + "\n"
            }.joined()
    }
}

extension LatencyHistogram {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.field("type", "latency")
        writer.field("lines", count)
        writer.field("p50_ms", percentile(0.5), decimals: 3)
        writer.field("p95_ms", percentile(0.95), decimals: 3)
        writer.field("p99_ms", percentile(0.99), decimals: 3)
        writer.field("max_ms", maximum, decimals: 3)
        writer.beginObject("below_ms")
        for bin in bins {
            let edge = bin.belowMilliseconds
            let name = edge.isFinite ? Plain.number(edge, edge < 1 ? 1 : 0) : "more"
            writer.field(named: name, Double(bin.count), decimals: 0)
        }
        writer.endObject()
    }
}
