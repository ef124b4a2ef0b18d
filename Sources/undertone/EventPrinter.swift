// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import ServiceRuntime

/// Prints the events of a pipeline, as text for people or as JSON lines for programs.
protocol EventPrinter {
    mutating func print(_ event: EmotionEvent) throws
    /// Restores the terminal.
    mutating func finish() throws
}

/// Prints the lines of the socket, one for each event.
struct JSONPrinter: EventPrinter {
    let lines: EventLine

    mutating func print(_ event: EmotionEvent) throws {
        if case .level = event { return }
        // As on the socket, a final estimate is also an event of its own, for clients that only follow estimates.
        if case .utteranceEnded(_, _, let final) = event {
            try StandardOutput.write(lines.line(.estimate(final)))
        }
        try StandardOutput.write(lines.line(event))
    }

    mutating func finish() throws {}
}

/// One line for each utterance; on a terminal the last line also shows the utterance that is being spoken.
struct TextPrinter: EventPrinter {
    let labels: [String]
    let attributes: [String]
    var screen: LiveLine

    mutating func print(_ event: EmotionEvent) throws {
        switch event {
        case .utteranceEnded(_, _, let final):
            try screen.print(phrase(final).line(emphasised: screen.hasColor))
        case .estimate(let estimate):
            try screen.show(phrase(estimate).liveLine)
        case .overrun(let overrun):
            try screen.note(Self.words(overrun))
        case .state(let change):
            if change.condition == .starting { return }
            try screen.note("capture: \(change.condition.word)")
        case .vocal(let sound): try screen.print(VocalPhrase(sound).line)
        case .utteranceStarted, .voiceActivity, .level, .reloaded:
            break
        }
    }

    mutating func finish() throws { try screen.clear() }

    private func phrase(_ estimate: Estimate) -> EstimatePhrase {
        EstimatePhrase(estimate, labels: labels, attributes: attributes)
    }

    private static func words(_ overrun: Overrun) -> String {
        let seconds = Plain.number(Plain.seconds(overrun.sampleCount), 3)
        let about = overrun.isExact ? "" : "about "
        return
            "lost \(about)\(Plain.count(overrun.sampleCount, "sample")) (\(seconds) s): \(overrun.cause.word)"
    }
}

/// The last line of a terminal, which is rewritten; the lines above it stay.
///
/// If stdout is not a terminal, no line is rewritten.
struct LiveLine {
    private let terminal: Terminal
    private var isShown = false

    init(_ terminal: Terminal) { self.terminal = terminal }

    var hasColor: Bool { terminal.hasColor }

    /// Shows `text` until the next call.
    mutating func show(_ text: String) throws {
        guard terminal.isInteractive else { return }
        try clear()
        try StandardOutput.write(String(text.prefix(max(1, terminal.width - 1))))
        isShown = true
    }

    /// Prints a line that stays.
    mutating func print(_ text: String) throws {
        try clear()
        try StandardOutput.write(text + "\n")
    }

    /// Prints a message for people.
    mutating func note(_ text: String) throws {
        try clear()
        StandardError.write(text + "\n")
    }

    mutating func clear() throws {
        if isShown { try StandardOutput.write("\r\u{1B}[2K") }
        isShown = false
    }
}
