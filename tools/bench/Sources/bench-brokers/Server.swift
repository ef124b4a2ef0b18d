// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A broker as a process of its own, watched through /proc.
final class Server: @unchecked Sendable {
    // SAFETY: all is set by `init`; afterwards one thread publishes and another asks.

    /// Where it listens.
    let place: String
    private let broker: Broker
    private let rate: Int
    private let seconds: Int
    private let folder: String
    private let process = Process()
    private let orders = Pipe()

    /// Starts it and waits until it answers.
    init(_ broker: Broker, rate: Int, seconds: Int) throws {
        self.broker = broker
        self.rate = rate
        self.seconds = seconds
        folder = NSTemporaryDirectory() + "bench-brokers-\(getpid())"
        place = folder + "/socket"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var words = try broker.command(place, folder)
        if broker.name == "undertone" { words += ["\(rate)", "\(seconds)"] }
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        // Debian has the brokers where only the administrator's path leads.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PATH": "/usr/sbin:/usr/bin:/bin"]
        ) { $1 }
        process.standardInput = orders
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<500 {
            if let probe = try? broker.connection("probe", at: place) {
                close(probe)
                return
            }
            usleep(10_000)
        }
        throw Unreachable()
    }

    /// Ends it.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Begins to send `rate` lines a second, from a thread of its own: ours is told to, the others get them from us.
    func publish() throws {
        if broker.name == "undertone" {
            orders.fileHandleForWriting.write(Data("0\n".utf8))
            return
        }
        let publisher = try broker.connection("publisher", at: place)
        Thread.detachNewThread { self.pace(publisher) }
    }

    private func pace(_ publisher: CInt) {
        let interval = UInt64(1_000_000_000 / rate)
        var next = Stamp.now() + interval
        var answers = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<rate * seconds {
            var moment = timespec(tv_sec: Int(next / 1_000_000_000), tv_nsec: Int(next % 1_000_000_000))
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil)
            if (try? sendAll(broker.message(Line.make(at: Stamp.now())), to: publisher)) == nil { return }
            // Some answer each message.
            _ = recv(publisher, &answers, answers.count, CInt(MSG_DONTWAIT))
            next += interval
        }
    }

    // MARK: What it costs

    /// CPU time up to now.
    var cpuSeconds: Double {
        guard
            let text = try? String(
                contentsOfFile: "/proc/\(process.processIdentifier)/stat",
                encoding: .utf8
            ),
            let end = text.lastIndex(of: ")")
        else { return .nan }
        let fields = text[end...].split(separator: " ")
        let ticks = (Double(fields[12]) ?? .nan) + (Double(fields[13]) ?? .nan)
        return ticks / Double(sysconf(CInt(_SC_CLK_TCK)))
    }

    /// Memory now.
    var kilobytes: Int { status("VmRSS:") }
    /// The most memory that it ever had.
    var peakKilobytes: Int { status("VmHWM:") }

    private func status(_ key: String) -> Int {
        let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

/// A line as our server sends it, of the same length, for those that send what they are given.
enum Line {
    private static let start = Array(#"{"type":"estimate","seq":48213,"utt":"#.utf8)
    private static let end = Array(
        (#","rev":5,"final":false,"span":[812.400,815.000],"wall":"2026-11-20T23:40:13.750Z","label":"happy","#
            + #""p":{"neutral":0.2100,"happy":0.5800,"sad":0.0400,"angry":0.0600,"fearful":0.0300,"disgusted":0.0200,"#
            + #""surprised":0.0600},"conf":0.5800,"heard_ms":2600,"stable":{"label":"happy","for_ms":1500},"#
            + #""quality":{"level_db":-23.0,"snr_db":18.2,"clip":false},"lag_ms":11.8,"sub":"s1","n":1234}"#)
            .utf8
    )

    static func make(at stamp: UInt64) -> [UInt8] { start + Array("\(stamp)".utf8) + end }
    static var length: Int { make(at: Stamp.now()).count + 1 }
}

/// The moment at which a line was made: nanoseconds of the monotonic clock, in the place of the utterance's number.
enum Stamp {
    static let key = Array(#""utt":"#.utf8)

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
