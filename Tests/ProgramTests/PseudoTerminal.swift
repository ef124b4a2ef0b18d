// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import TestSupport

/// A program on its own real terminal (a pty), and the contents of that terminal.
final class PseudoTerminal: Sendable {
    let identifier: pid_t
    private let master: Int32
    private let shared: Mutex<Shared>
    private let exit = Mutex<Int32?>(nil)

    private struct Shared {
        var screen: TerminalScreen
        var text = ""
        /// The end of a piece of output that is not valid UTF-8 yet.
        var rest: [UInt8] = []
        /// True once all output has arrived.
        var isComplete = false
    }

    struct Failure: Error {
        let call: String
        let code: Int32
    }

    init(
        _ program: Program,
        _ arguments: [String],
        columns: Int = 80,
        rows: Int = 24,
        environment: [String: String] = [:]
    ) throws {
        master = try Self.openMaster()
        shared = Mutex(Shared(screen: TerminalScreen(columns: columns, rows: rows)))
        try Self.setSize(master, columns, rows)
        let standard = ["TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "", "NO_COLOR": ""]
        identifier = try Self.spawn(
            program.url.path,
            arguments,
            Program.cleanEnvironment.merging(standard) { $1 }.merging(environment) { $1 },
            terminal: master
        )
        Thread.detachNewThread { self.collect() }
        Thread.detachNewThread { self.awaitEnd() }
    }

    // Its threads hold it until the program has ended. A program that a failed test leaves running gets SIGHUP when this
    // process ends.
    deinit { close(master) }

    var isRunning: Bool { exit.withLock { $0 == nil } }
    /// Current contents of the terminal.
    var screen: TerminalScreen { shared.withLock { $0.screen } }
    /// All output so far.
    var output: String { shared.withLock { $0.text } }

    func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = write(master, bytes, bytes.count)
    }

    func resize(columns: Int, rows: Int) throws {
        shared.withLock { $0.screen.resize(columns: columns, rows: rows) }
        try Self.setSize(master, columns, rows)
    }

    /// True while keys are echoed and lines are edited, as a shell expects to find it.
    var isCooked: Bool {
        var settings = termios()
        guard tcgetattr(master, &settings) == 0 else { return false }
        let cooked = tcflag_t(ECHO | ICANON)
        return settings.c_lflag & cooked == cooked
    }

    /// The exit status, or 128 and the signal, once all output has arrived; nil if it does not end in time.
    func status() async throws -> Int32? {
        _ = try await eventually { !self.isRunning && self.shared.withLock { $0.isComplete } }
        return exit.withLock { $0 }
    }

    private func collect() {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(master, &bytes, bytes.count)
            if count < 0 && errno == EINTR { continue }
            // EIO means that the program has ended.
            guard count > 0 else { return shared.withLock { $0.isComplete = true } }
            shared.withLock { shared in
                let all = shared.rest + bytes.prefix(count)
                let end = Self.endOfText(all)
                shared.rest = Array(all[end...])
                let text = String(decoding: all[..<end], as: UTF8.self)
                shared.text += text
                shared.screen.write(text)
            }
        }
    }

    /// Index of the end of the last whole character.
    private static func endOfText(_ bytes: [UInt8]) -> Int {
        guard let start = bytes.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return bytes.count }
        let needed = bytes[start] >= 0xF0 ? 4 : bytes[start] >= 0xE0 ? 3 : bytes[start] >= 0xC0 ? 2 : 1
        return bytes.count - start >= needed ? bytes.count : start
    }

    private func awaitEnd() {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        exit.withLock { $0 = signal == 0 ? status >> 8 & 0xFF : 128 + signal }
    }
}

extension PseudoTerminal {
    // TIOCSPTLCK and TIOCGPTN: Swift's Glibc has neither these nor posix_openpt and related functions.
    private static let unlockRequest: UInt = 0x4004_5431
    private static let numberRequest: UInt = 0x8004_5430

    private static func openMaster() throws -> Int32 {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var locked: Int32 = 0
        guard master >= 0, ioctl(master, unlockRequest, &locked) == 0 else {
            throw Failure(call: "open /dev/ptmx", code: errno)
        }
        return master
    }

    private static func setSize(_ master: Int32, _ columns: Int, _ rows: Int) throws {
        var size = winsize()
        (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
        guard ioctl(master, UInt(TIOCSWINSZ), &size) == 0 else {
            throw Failure(call: "TIOCSWINSZ", code: errno)
        }
    }

    /// Starts `path` as the leader of a new session, whose terminal is the other end of `terminal`.
    private static func spawn(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        terminal: Int32
    ) throws -> pid_t {
        var number: UInt32 = 0
        guard ioctl(terminal, numberRequest, &number) == 0 else {
            throw Failure(call: "TIOCGPTN", code: errno)
        }
        let name = "/dev/pts/\(number)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens becomes its own.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        for target: Int32 in 1...2 { posix_spawn_file_actions_adddup2(&actions, 0, target) }
        for descriptor in 3..<512 { posix_spawn_file_actions_addclose(&actions, Int32(descriptor)) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        // Swift's Glibc does not have POSIX_SPAWN_SETSID.
        let newSession: Int16 = 0x80
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | newSession)
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw Failure(call: "posix_spawn \(path)", code: code) }
        return identifier
    }
}
