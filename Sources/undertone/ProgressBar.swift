// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// Progress of a long run: on stderr, on a terminal only, and never between the lines of the result.
struct ProgressBar {
    private let terminal: Terminal
    private let total: Int?
    private var done = 0
    private var isShown = false
    private let start = ContinuousClock.now
    private var lastDraw: ContinuousClock.Instant?

    /// A bar for `total` files; nil if their number is unknown.
    init(total: Int?, terminal: Terminal) {
        self.total = total
        self.terminal = terminal
    }

    /// Counts one more file and draws, ten times a second at most.
    mutating func advance(heardSeconds: Double) {
        done += 1
        let now = ContinuousClock.now
        guard terminal.isInteractive, lastDraw.map({ now - $0 > .milliseconds(100) }) ?? true else { return }
        lastDraw = now
        draw(heardSeconds: heardSeconds, elapsed: now - start)
    }

    /// Erases the bar, so that something else can be printed.
    mutating func clear() {
        if isShown { StandardError.draw("\r\u{1B}[2K") }
        isShown = false
    }

    private mutating func draw(heardSeconds: Double, elapsed: Duration) {
        let speed = heardSeconds / max(0.001, elapsed / .seconds(1))
        let count = total.map { "\(done)/\($0)" } ?? "\(done)"
        let text = " \(count) files, \(Plain.number(speed, 0)) times real time"
        let width = max(0, min(40, terminal.width - text.count - 4))
        let filled = total.map { width * done / max(1, $0) } ?? 0
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
        StandardError.draw("\r\u{1B}[2K" + (total == nil ? "" : "[\(bar)]") + text)
        isShown = true
    }
}
