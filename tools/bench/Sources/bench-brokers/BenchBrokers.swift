// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The same clients on our server and on the brokers that people know.
///
///     bench-brokers ENGINE load GOOD STOPPED RATE SECONDS
///     bench-brokers ENGINE idle COUNT
///
/// ENGINE is `undertone`, `mosquitto`, `redis` or `nats`, which must be installed. `load` sends lines of the size of an
/// estimate, each with the moment of its making, to GOOD clients that read at once, while STOPPED others subscribe and
/// never read. `idle` connects COUNT clients to which nothing is sent. One JSON object is printed.
@main
struct BenchBrokers {
    static func main() throws {
        signal(SIGPIPE, SIG_IGN)
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.count >= 3, let broker = Broker.named(words[0]) else { usage() }
        let numbers = words[2...].compactMap { Int($0) }
        switch (words[1], numbers.count) {
        case ("load", 4):
            let load = Load(good: numbers[0], stopped: numbers[1], rate: numbers[2], seconds: numbers[3])
            print(try load.run(on: broker))
        case ("idle", 1): print(try Idle(count: numbers[0]).run(on: broker))
        default: usage()
        }
    }

    private static func usage() -> Never {
        let text = "usage: bench-brokers ENGINE load GOOD STOPPED RATE SECONDS | ENGINE idle COUNT\n"
        FileHandle.standardError.write(Data(text.utf8))
        exit(2)
    }
}

/// A steady stream to clients of which some stand still.
struct Load {
    let good: Int
    let stopped: Int
    let rate: Int
    let seconds: Int

    func run(on broker: Broker) throws -> String {
        let server = try Server(broker, rate: rate, seconds: seconds)
        defer { server.stop() }
        let standing = try (0..<stopped).map {
            try broker.subscribedClient("s\($0)", at: server.place, isSmall: true)
        }
        var crowd = Crowd(try (0..<good).map { try broker.subscribedClient("g\($0)", at: server.place) })
        // A second for the server to see all of them.
        sleep(1)
        let cpuBefore = server.cpuSeconds
        let start = Stamp.now()
        try server.publish()
        crowd.read(until: rate * seconds * good, patience: Double(seconds) + 5)
        let elapsed = Double(Stamp.now() - start) / 1e9
        let cpu = (server.cpuSeconds - cpuBefore) / elapsed
        // The server closes stalled clients, the last of them up to ten seconds after the last line.
        sleep(2)
        let ends = standing.map { Ending(draining: $0) }
        return object([
            ("engine", "\"\(broker.name)\""), ("good", "\(good)"), ("stopped", "\(stopped)"),
            ("rate", "\(rate)"),
            ("p50_ms", number(crowd.quantile(0.5))), ("p99_ms", number(crowd.quantile(0.99))),
            ("max_ms", number(crowd.quantile(1))), ("lost", "\(rate * seconds * good - crowd.received)"),
            ("rss_peak_kb", "\(server.peakKilobytes)"), ("cpu_percent", number(100 * cpu)),
            ("evicted", "\(ends.count { $0.isClosed })"), ("told", "\(ends.count { $0.wasTold })"),
            ("line_bytes", "\(Line.length)"),
        ])
    }
}

/// Clients to which nothing is sent.
struct Idle {
    let count: Int

    func run(on broker: Broker) throws -> String {
        let server = try Server(broker, rate: 1, seconds: 1)
        defer { server.stop() }
        let before = server.kilobytes
        let start = Stamp.now()
        let clients = try (0..<count).map { try broker.subscribedClient("i\($0)", at: server.place) }
        let connecting = Double(Stamp.now() - start) / 1e9
        sleep(1)
        let each = Double(server.kilobytes - before) / Double(count)
        let cpuBefore = server.cpuSeconds
        sleep(5)
        let cpu = (server.cpuSeconds - cpuBefore) / 5
        for client in clients { close(client) }
        return object([
            ("engine", "\"\(broker.name)\""), ("connections", "\(count)"), ("kb_each", number(each)),
            ("idle_cpu_percent", number(100 * cpu)), ("connect_s", number(connecting)),
        ])
    }
}

private func number(_ value: Double) -> String { String(format: "%.3f", value) }

private func object(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
}
