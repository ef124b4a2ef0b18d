// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Progress of long work: a bar on a terminal, otherwise one line of JSON per report.
///
/// Writes to standard error, because standard output is for results. On a terminal it writes at most ten times a
/// second; `NO_COLOR` disables colour, and `TERM=dumb` gives plain lines.
///
/// - Thread: one at a time.
public struct ProgressReporter {
    private let isBar: Bool
    private let usesColor: Bool
    private let write: (String) -> Void
    private var lastDrawn = ContinuousClock.Instant.now - .seconds(1)
    private let started = ContinuousClock.Instant.now

    /// A reporter on standard error.
    public init() {
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        self.init(isBar: isTerminal, usesColor: isTerminal && environment["NO_COLOR"] == nil) { text in
            FileHandle.standardError.write(Data(text.utf8))
        }
    }

    /// A reporter that writes elsewhere.
    public init(isBar: Bool, usesColor: Bool, write: @escaping (String) -> Void) {
        (self.isBar, self.usesColor, self.write) = (isBar, usesColor, write)
    }

    /// Reports that `done` of `total` units of `task` are done, with some figures.
    public mutating func report(
        _ task: String,
        done: Int,
        of total: Int,
        _ figures: [(name: String, value: Double)]
    ) {
        if isBar {
            draw(task, done: done, of: total, figures)
        } else {
            line(task, done: done, of: total, figures)
        }
    }

    /// Ends the bar's line, which stays visible.
    public func finish() { if isBar { write("\n") } }

    private mutating func draw(
        _ task: String,
        done: Int,
        of total: Int,
        _ figures: [(name: String, value: Double)]
    ) {
        guard done >= total || ContinuousClock.now - lastDrawn > .milliseconds(100) else { return }
        lastDrawn = .now
        let share = total > 0 ? Double(done) / Double(total) : 0
        let filled = Int(share * 24)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
        let shown = figures.map { "\($0.name) " + String(format: "%.4g", $0.value) }.joined(separator: "  ")
        let colored = usesColor ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar
        write("\r\u{1B}[K\(task) \(colored) \(done)/\(total)  \(shown)  \(remaining(share))")
    }

    private func line(_ task: String, done: Int, of total: Int, _ figures: [(name: String, value: Double)]) {
        var object: [String: Any] = ["task": task, "done": done, "of": total]
        for figure in figures where figure.value.isFinite { object[figure.name] = figure.value }
        let data = try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
        if let data { write(String(decoding: data, as: UTF8.self) + "\n") }
    }

    private func remaining(_ share: Double) -> String {
        guard share > 0.01 else { return "" }
        let elapsed = Double((ContinuousClock.now - started).components.seconds)
        let left = Int(elapsed / share * (1 - share))
        return String(format: "%d:%02d left", left / 60, left % 60)
    }
}
