// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import ServiceRuntime

/// One run of a hook, in a process group of its own, so that what it started ends with it.
struct HookProcess {
    let identifier: pid_t
    let deadline: Double
    /// When it gets SIGKILL; nil while it was not asked to end.
    var killTime: Double?

    /// Starts `command` with `input` on its standard input. An event always finds room in an empty pipe (64 KiB), so
    /// a hook that does not read delays nothing.
    ///
    /// - Throws: the reason why the system does not start it.
    init(_ command: [String], input: String, deadline: Double) throws(ProgramFailure) {
        self.deadline = deadline
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { throw Self.failure(command, errno) }
        defer { for end in ends { close(end) } }
        // The hook's own copy, made by dup2, stays open; these two do not reach it.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let bytes = Array(input.utf8)
        _ = write(ends[1], bytes, bytes.count)
        identifier = try Self.spawn(command, standardInput: ends[0])
    }

    /// Looks for the program before anything else happens.
    ///
    /// - Throws: a sentence if it is not there or cannot be run.
    static func check(_ command: [String]) throws(ProgramFailure) {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let folders: [String] =
            command[0].contains("/") ? [""] : path.split(separator: ":").map { $0 + "/" }
        if folders.contains(where: { access($0 + command[0], X_OK) == 0 }) { return }
        throw failure(command, command[0].contains("/") ? errno : ENOENT)
    }

    func send(_ signal: CInt) { kill(-identifier, signal) }

    /// Its end; nil while it runs.
    func status() -> CInt? {
        var status: CInt = 0
        let result = waitpid(identifier, &status, WNOHANG)
        if result == 0 || (result < 0 && errno == EINTR) { return nil }
        return result < 0 ? 0 : status
    }

    private static func spawn(_ command: [String], standardInput: CInt) throws(ProgramFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        prepare(&attributes)
        var words = command.map { strdup($0) } + [nil]
        var variables = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var identifier: pid_t = 0
        let code = posix_spawnp(&identifier, command[0], &actions, &attributes, &words, &variables)
        guard code == 0 else { throw failure(command, code) }
        return identifier
    }

    /// Default signals: this program ignores some, and a hook would inherit that.
    private static func prepare(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    private static func failure(_ command: [String], _ code: CInt) -> ProgramFailure {
        ProgramFailure(.usage, "--exec: cannot start '\(command[0])': \(String(cString: strerror(code)))")
    }
}
