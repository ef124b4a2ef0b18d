// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Display capabilities of an output stream.
public struct Terminal: Sendable {
    /// True when the stream is a terminal that understands cursor movement.
    public let isInteractive: Bool
    /// True when colours may be used: interactive and `NO_COLOR` is not set.
    public let hasColor: Bool
    private let descriptor: Int32

    /// Examines the stream of `descriptor`, `TERM` and `NO_COLOR`.
    public init(descriptor: Int32, environment: [String: String]) {
        self.descriptor = descriptor
        let terminal = environment["TERM"] ?? "dumb"
        isInteractive = isatty(descriptor) == 1 && terminal != "dumb" && !terminal.isEmpty
        hasColor = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Current columns of the window; 80 if unknown. Read again for each line, since windows are resized.
    public var width: Int { size.columns }

    /// Current columns and rows of the window; 80 × 24 if unknown.
    public var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// True if the locale in `environment` lets the terminal show more than ASCII.
    public static func showsUnicode(_ environment: [String: String]) -> Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }
        let locale = names.first { !$0.isEmpty }?.lowercased() ?? ""
        return locale.hasSuffix("utf-8") || locale.hasSuffix("utf8")
    }
}
