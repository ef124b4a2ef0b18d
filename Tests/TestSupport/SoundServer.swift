// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A real PulseAudio server for one test, with one microphone that delivers the test's samples in real time,
/// and an ALSA configuration whose device `undertone` is that microphone.
///
/// Needs no sound card, user session or privileges. All files are in one new folder; ``stop()`` ends the
/// server, and `deinit` calls it too.
public final class SoundServer: @unchecked Sendable {
    // SAFETY: after `init` only `feeder` and `server` change, each under `lock`.

    /// True if the server program and ALSA's plugin for it are installed.
    public static let isInstalled =
        ["/usr/bin/pulseaudio", "/usr/local/bin/pulseaudio"].contains {
            FileManager.default.isExecutableFile(atPath: $0)
        }

    /// The name of the microphone in the server.
    public static let sourceName = "mic"
    /// PCM frames per second of the microphone, whose samples are `s16le`.
    public let sampleRate: Int
    /// Channels of the microphone.
    public let channelCount: Int

    private let folder: URL
    private let lock = NSLock()
    private var server: pid_t?
    private var feeder: Feeder?

    /// Starts the server and waits until it answers.
    public init(sampleRate: Int = 16_000, channelCount: Int = 1) throws {
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        folder = FileManager.default.temporaryDirectory.appending(path: "pa-\(UUID().uuidString.prefix(8))")
        for part in ["", "pulse", "home"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: part),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        try alsaConfiguration.write(
            to: folder.appending(path: "asound.conf"),
            atomically: true,
            encoding: .utf8
        )
        try start()
    }

    deinit { stop() }

    /// Environment with which a program finds this server and its ALSA device.
    public var environment: [String: String] {
        [
            "PULSE_SERVER": "unix:\(socket)", "PULSE_RUNTIME_PATH": folder.appending(path: "pulse").path,
            "XDG_RUNTIME_DIR": folder.path, "HOME": folder.appending(path: "home").path,
            "ALSA_CONFIG_PATH": folder.appending(path: "asound.conf").path,
        ]
    }

    /// Points this process at the server, for capture code that runs inside the test.
    ///
    /// Use it only in serialized suites, because a process has one environment. It sets only two names,
    /// because other tests read the environment at the same time and each new name moves it.
    public func adopt() {
        for key in ["PULSE_SERVER", "ALSA_CONFIG_PATH"] { setenv(key, environment[key] ?? "", 1) }
    }

    /// Feeds `samples` (interleaved, full scale -1...1) to the microphone in real time, once, with silence
    /// before and after.
    public func feed(_ samples: [Float], leadSeconds: Double = 0.5) throws {
        let lead = [Float](repeating: 0, count: Int(leadSeconds * Double(sampleRate)) * channelCount)
        let feeder = try Feeder(
            pipe: folder.appending(path: "mic.fifo").path,
            bytes: SoundEncoding.s16.bytes(of: lead + samples),
            bytesPerSecond: sampleRate * channelCount * 2
        )
        lock.withLock {
            self.feeder?.stop()
            self.feeder = feeder
        }
        feeder.start()
    }

    /// Stops feeding: the microphone then delivers nothing at all, not even silence.
    public func stopFeeding() {
        lock.withLock {
            feeder?.stop()
            feeder = nil
        }
    }

    /// Sends the server a signal: `SIGKILL`, `SIGSTOP`, `SIGCONT`.
    public func signal(_ number: Int32) {
        lock.withLock {
            if let server { kill(server, number) }
        }
    }

    /// Starts the server again after a kill.
    public func start() throws {
        // A killed server leaves both files behind, and the next one refuses to create its pipe over an old
        // one.
        for leftover in ["mic.fifo", "pulse/native"] {
            try? FileManager.default.removeItem(at: folder.appending(path: leftover))
        }
        // The idle time ends a server whose test was killed before it could stop the server.
        let pid = try startQuietly(
            [
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=120", "--use-pid-file=no",
                "--log-level=error",
                // The microphone first, so that a server that answers already has it.
                "-L",
                "module-pipe-source source_name=\(Self.sourceName) file=\(folder.path)/mic.fifo "
                    + "rate=\(sampleRate) channels=\(channelCount) format=s16le",
                "-L", "module-native-protocol-unix socket=\(socket) auth-anonymous=1",
            ],
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }
        )
        lock.withLock { server = pid }
        try waitForSocket()
    }

    /// Ends the server and removes its folder.
    public func stop() {
        stopFeeding()
        lock.withLock {
            guard let server else { return }
            kill(server, SIGCONT)
            kill(server, SIGKILL)
            waitpid(server, nil, 0)
            self.server = nil
        }
        try? FileManager.default.removeItem(at: folder)
    }

    private var socket: String { folder.appending(path: "pulse/native").path }

    private var alsaConfiguration: String {
        """
        </usr/share/alsa/alsa.conf>
        pcm.undertone {
            type pulse
            server "unix:\(socket)"
            device "\(Self.sourceName)"
            hint { show on description "The test's microphone" }
        }
        """
    }

    private func waitForSocket() throws {
        for _ in 0..<500 {
            let client = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(client) }
            if connects(client) { return }
            usleep(20_000)
        }
        throw SoundServerError.doesNotStart
    }

    private func connects(_ client: Int32) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socket.utf8)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

/// Starts a program that prints nothing.
///
/// Does not use Foundation's `Process`: a sound server closes all inherited descriptors; `Process` treats
/// that as its end and waits for it, and blocks every `Process` of every other test.
private func startQuietly(_ words: [String], environment: [String: String]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid = pid_t()
    guard posix_spawnp(&pid, words[0], &actions, nil, &arguments, &variables) == 0 else {
        throw SoundServerError.doesNotStart
    }
    return pid
}

/// Reason why no sound server is available.
public enum SoundServerError: Error {
    case doesNotStart
    case noPipe
    case refused([String])
}

/// A second microphone of a server, which delivers silence.
public final class SecondMicrophone: Sendable {
    private let feeder: Feeder

    fileprivate init(pipe: String, bytesPerSecond: Int) throws {
        feeder = try Feeder(pipe: pipe, bytes: [], bytesPerSecond: bytesPerSecond)
        feeder.start()
    }

    /// Stops feeding it.
    public func stop() { feeder.stop() }
}

extension SoundServer {
    /// Plugs in a microphone that delivers silence.
    public func addMicrophone(_ name: String) throws -> SecondMicrophone {
        let pipe = folder.appending(path: name + ".fifo").path
        try? FileManager.default.removeItem(atPath: pipe)
        try control(
            "load-module",
            "module-pipe-source",
            "source_name=\(name)",
            "file=\(pipe)",
            "format=s16le",
            "rate=\(sampleRate)",
            "channels=\(channelCount)"
        )
        return try SecondMicrophone(pipe: pipe, bytesPerSecond: sampleRate * channelCount * 2)
    }

    /// Unplugs a microphone.
    public func removeMicrophone(_ name: String) throws {
        let modules = try control("list", "short", "modules").split(separator: "\n")
        guard let module = modules.first(where: { $0.contains("source_name=\(name) ") }),
            let index = module.split(separator: "\t").first
        else { throw SoundServerError.noPipe }
        try control("unload-module", String(index))
    }

    /// Runs `pactl` and returns what it prints. (`popen`, because waiting for a `Process` may also wait for
    /// those of other tests.)
    @discardableResult
    public func control(_ words: String...) throws -> String {
        let variables = environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        let arguments = words.map { "'\($0)'" }.joined(separator: " ")
        guard let stream = popen("\(variables) pactl \(arguments)", "re") else {
            throw SoundServerError.refused(words)
        }
        var output = ""
        var line = [CChar](repeating: 0, count: 4_096)
        while fgets(&line, Int32(line.count), stream) != nil {
            output += String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        guard pclose(stream) == 0 else { throw SoundServerError.refused(words) }
        return output
    }
}

/// Writes PCM into a named pipe in real time, because `module-pipe-source` reads without a clock.
private final class Feeder: @unchecked Sendable {
    // SAFETY: only the thread uses the descriptor; `isStopping` is atomic.
    private let descriptor: Int32
    private let bytes: [UInt8]
    private let bytesPerSecond: Int
    private let isStopping = Atomic(false)

    init(pipe: String, bytes: [UInt8], bytesPerSecond: Int) throws {
        descriptor = open(pipe, O_WRONLY | O_CLOEXEC)
        if descriptor < 0 { throw SoundServerError.noPipe }
        self.bytes = bytes
        self.bytesPerSecond = bytesPerSecond
    }

    func start() { Thread.detachNewThread { self.run() } }
    func stop() { isStopping.store(true, ordering: .releasing) }

    private func run() {
        signal(SIGPIPE, SIG_IGN)
        let piece = bytesPerSecond / 100
        let silence = [UInt8](repeating: 0, count: piece)
        let start = Date()
        var sent = 0
        while !isStopping.load(ordering: .acquiring) {
            let next = sent < bytes.count ? Array(bytes[sent..<min(sent + piece, bytes.count)]) : silence
            if write(descriptor, next, next.count) < 0 { break }
            sent += next.count
            let due = start.addingTimeInterval(Double(sent) / Double(bytesPerSecond))
            Thread.sleep(until: due)
        }
        close(descriptor)
    }
}
