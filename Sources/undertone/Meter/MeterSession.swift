// SPDX-License-Identifier: Apache-2.0
import Glibc
import SampleRing
import ServiceRuntime

/// The meter on a terminal: draws when something changed, at most fifteen times a second, and reads keys.
struct MeterSession: ~Copyable {
    private static let frameSeconds = 1.0 / 15
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP]

    private let feed: MeterFeed
    private let terminal: Terminal
    private let layout: MeterLayout
    private let signals: SignalWatch
    private var painter: ScreenPainter
    private var screen = RawTerminal()
    private var hasKeyboard = isatty(STDIN_FILENO) == 1
    private var lastFrame = -1.0

    init(_ feed: MeterFeed, _ terminal: Terminal, isUnicode: Bool) {
        self.feed = feed
        self.terminal = terminal
        layout = MeterLayout(isUnicode: isUnicode)
        painter = ScreenPainter(hasColor: terminal.hasColor)
        signals = SignalWatch(Self.signals, wake: feed.changed)
    }

    /// Shows the meter until `q` is pressed.
    ///
    /// - Throws: an interruption after Ctrl-C or SIGTERM; ``OutputClosed`` when the terminal is gone.
    mutating func run() throws {
        try screen.enter()
        while try !wantsEnd() {
            try draw()
            wait()
        }
        try screen.leave()
    }

    private mutating func wantsEnd() throws -> Bool {
        if signals.hasArrived(SIGHUP) { throw OutputClosed() }
        if signals.hasArrived(SIGINT) || signals.hasArrived(SIGTERM) {
            try screen.leave()
            throw ProgramFailure(.interrupted, "")
        }
        if signals.take(SIGTSTP) { try pause() }
        if signals.take(SIGWINCH) { painter.forget() }
        return readsQuit()
    }

    /// Handles Ctrl-Z: restores the terminal for the shell, and draws everything again when the process continues.
    private mutating func pause() throws {
        try screen.leave()
        // Signals this thread: a signal to the process may go to another thread, and this one would take the
        // terminal again before it stops.
        raise(SIGSTOP)
        try screen.enter()
        painter.forget()
    }

    private mutating func readsQuit() -> Bool {
        var keyboard = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard hasKeyboard, poll(&keyboard, 1, 0) > 0 else { return false }
        guard let keys = RawTerminal.keys() else {
            hasKeyboard = false
            return false
        }
        let endOfInput: UInt8 = 4
        return keys.contains { [UInt8(ascii: "q"), UInt8(ascii: "Q"), endOfInput].contains($0) }
    }

    private mutating func draw() throws {
        let now = feed.now
        guard now - lastFrame >= Self.frameSeconds else { return }
        lastFrame = now
        let size = terminal.size
        let screen = layout.screen(feed.reading, now: now, columnCount: size.columns, rowCount: size.rows)
        let bytes = painter.paint(screen)
        if !bytes.isEmpty { try StandardOutput.write(bytes) }
    }

    /// Sleeps until something has changed or a key is pressed, and at least until the next frame is due.
    private mutating func wait() {
        let pause = max(0.001, Self.frameSeconds - (feed.now - lastFrame))
        var wakers = [
            pollfd(fd: feed.changed.readDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: hasKeyboard ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
        ]
        // Four times a second even without messages, since the held peak falls with time.
        guard poll(&wakers, 2, 250) > 0, wakers[0].revents != 0 else { return }
        feed.changed.acknowledge()
        usleep(UInt32(pause * 1e6))
    }
}
