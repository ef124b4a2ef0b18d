// SPDX-License-Identifier: Apache-2.0
import Glibc
import ServiceRuntime

/// A terminal in full-screen mode: alternate screen, no cursor, keys without line buffering.
///
/// ``leave()`` always restores what the terminal showed before. Keys that send signals (Ctrl-C, Ctrl-Z) still do.
struct RawTerminal: ~Copyable {
    // Alternate screen, cursor off, no wrap at the right edge; `exit` reverses all of it.
    private static let entry = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
    private static let exit = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    private let before: termios?
    private var isEntered = false

    init() {
        var settings = termios()
        before = tcgetattr(STDIN_FILENO, &settings) == 0 ? settings : nil
    }

    deinit {
        // A failure here cannot be reported.
        if isEntered { try? Self.write(Self.exit, restoring: before) }
    }

    /// Enters full-screen mode.
    mutating func enter() throws {
        isEntered = true
        if var settings = before {
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
        try StandardOutput.write(Self.entry)
    }

    /// Restores the terminal.
    mutating func leave() throws {
        guard isEntered else { return }
        isEntered = false
        try Self.write(Self.exit, restoring: before)
    }

    private static func write(_ text: String, restoring before: termios?) throws {
        if var settings = before { tcsetattr(STDIN_FILENO, TCSANOW, &settings) }
        try StandardOutput.write(text)
    }

    /// The keys that were pressed; nil at the end of the input.
    static func keys() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }
}
