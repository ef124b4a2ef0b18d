// SPDX-License-Identifier: Apache-2.0
import Glibc

/// `ffmpeg` as a child process, which decodes what libsndfile cannot.
///
/// No shell is involved, and the child never gets the file's name, only the open descriptor. It may read nothing but
/// that file, and only containers of sound and film. It writes as fast as this process reads; when this process ends for
/// any reason, the child's next write fails and ends it.
final class ForeignDecoder {
    /// Longest wait for output before the child counts as hung.
    private static let patienceMilliseconds = 30_000
    private static let containers =
        "mov,matroska,aac,amr,amrnb,amrwb,asf,avi,ogg,flac,mp3,wav,w64,caf,aiff,au,voc,ac3,mpegts,mpeg,flv"

    private var child: pid_t?
    private let output: CInt
    private let messages: CInt
    private let input: StreamInput

    /// True if ffmpeg is installed in a folder of `PATH`.
    static var isInstalled: Bool { program != nil }

    /// The first executable `ffmpeg` in `PATH`. Relative folders are skipped.
    private static var program: String? {
        let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return folders.split(separator: ":").map { $0 + "/ffmpeg" }.first { path in
            path.hasPrefix("/") && access(String(path), X_OK) == 0
        }.map { String($0) }
    }

    /// Starts ffmpeg on the file behind `descriptor`; nil where it is not installed or cannot be started.
    init?(_ descriptor: CInt) {
        guard let program = Self.program, let output = socketPair(), let messages = socketPair() else {
            return nil
        }
        // Non-blocking, so that a child that writes endless errors does not wait for them to be read.
        _ = set(O_NONBLOCK, on: messages.1)
        child = Self.start(program, file: descriptor, output: output.1, messages: messages.1)
        close(output.1)
        close(messages.1)
        (self.output, self.messages) = (output.0, messages.0)
        input = StreamInput(descriptor: output.0, patienceMilliseconds: Self.patienceMilliseconds)
        if child == nil { return nil }
    }

    deinit {
        stop()
        close(output)
        close(messages)
    }

    /// The decoded sound; nil if ffmpeg finds none.
    func open() -> OpenSound? {
        guard let region = SoundRegion(.au, in: input) else { return nil }
        return OpenSound(StreamWindow(input, samples: region), samples: region)
    }

    /// ffmpeg's error message, available after the end of its sound; nil if it succeeded.
    func complaint() -> String? {
        let isDone = input.isAtEnd
        let status = stop()
        var bytes = [UInt8](repeating: 0, count: 4_096)
        _ = set(O_NONBLOCK, on: messages)
        let count = max(0, read(messages, &bytes, bytes.count))
        let lines = String(decoding: bytes.prefix(count), as: UTF8.self).split(whereSeparator: \.isNewline)
        if let line = lines.last(where: { !$0.isEmpty }) { return "ffmpeg: " + line }
        if !isDone { return "ffmpeg did not answer" }
        return status == 0 ? nil : "ffmpeg ended with status \(status)"
    }

    /// Waits for a child that has finished, and kills one that has not.
    @discardableResult
    private func stop() -> CInt {
        guard let child else { return 0 }
        self.child = nil
        var status: CInt = 0
        // The child closes its output shortly before it exits.
        for _ in 0..<(input.isAtEnd ? 200 : 0) {
            if waitpid(child, &status, WNOHANG) != 0 { return status & 0x7F == 0 ? status >> 8 & 0xFF : -1 }
            usleep(5_000)
        }
        kill(child, SIGKILL)
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return -1
    }

    private static func start(_ program: String, file: CInt, output: CInt, messages: CInt) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, messages, 2)
        posix_spawn_file_actions_adddup2(&actions, file, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Above all SIGPIPE, which this process ignores: it ends the child when its output is closed.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var child: pid_t = 0
        return posix_spawn(&child, program, &actions, &attributes, &words, &variables) == 0 ? child : nil
    }

    private static let arguments = [
        "-nostdin", "-hide_banner", "-v", "error", "-threads", "1", "-format_whitelist", containers,
        "-protocol_whitelist", "file", "-i", "file:/proc/self/fd/3", "-map", "0:a:0", "-map_metadata", "-1",
        "-c:a", "pcm_f32be", "-f", "au", "pipe:1",
    ]

    private static var environment: [String] {
        ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH"].compactMap { name in
            getenv(name).map { name + "=" + String(cString: $0) }
        } + ["AV_LOG_FORCE_NOCOLOR=1"]
    }
}

private func set(_ flag: CInt, on descriptor: CInt) -> Bool {
    let flags = fcntl(descriptor, F_GETFL)
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | flag) == 0
}
