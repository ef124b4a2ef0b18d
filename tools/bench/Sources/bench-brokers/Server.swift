// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A broker as a separate process, measured through /proc.
final class Server: @unchecked Sendable {
    // SAFETY: `init` sets all properties; afterwards one thread publishes and another reads.

    /// Address of the server.
    let place: String
    private let broker: Broker
    private let rate: Int
    private let seconds: Int
    private let folder: String
    private let process = Process()
    private let orders = Pipe()

    /// Starts the server and waits until it answers.
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
        // Debian installs the brokers in folders that are only in root's PATH.
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

    /// Ends the server.
    func stop() {
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts a thread that sends `rate` lines a second: our server creates them itself, the others get them
    /// from this process.
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
            // Some servers answer each message.
            _ = recv(publisher, &answers, answers.count, CInt(MSG_DONTWAIT))
            next += interval
        }
    }

    // MARK: Cost

    /// CPU time so far.
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

    /// Present memory.
    var kilobytes: Int { status("VmRSS:") }
    /// Peak memory.
    var peakKilobytes: Int { status("VmHWM:") }

    private func status(_ key: String) -> Int {
        let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

/// A line of the same length as our server's, for the other servers.
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

/// Creation time of a line: nanoseconds of the monotonic clock, in place of the utterance number.
enum Stamp {
    static let key = Array(#""utt":"#.utf8)

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
