// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Benchmark of the cost and the delay of delivering one line.
///
///     bench-publish ENGINE CLIENTS RATE SECONDS [STOPPED]
///
/// ENGINE is `undertone`, `floor`, or the path of a peer's script. STOPPED more clients subscribe and never read.
///
/// This process is all the clients; it starts the engine as a process of its own (`--serve`, or the script with
/// `$PYTHON`), says `go` when all clients are connected, and prints one JSON object: CPU time of the engine per
/// delivery, delay from the stamp in each line to its arrival, what was lost, and the engine's memory.
@main
struct BenchPublish {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "--serve", arguments.count == 5 {
            try await Engine(arguments).run()
        } else if (4...5).contains(arguments.count), let load = Load(arguments) {
            print(try load.run())
        } else {
            FileHandle.standardError.write(
                Data("usage: bench-publish ENGINE CLIENTS RATE SECONDS [STOPPED]\n".utf8)
            )
            exit(2)
        }
    }
}

/// Load of an engine, and its measurement.
struct Load {
    let engine: String
    let clients: Int
    let rate: Double
    let seconds: Double
    let stopped: Int

    init?(_ arguments: [String]) {
        guard let clients = Int(arguments[1]), let rate = Double(arguments[2]),
            let seconds = Double(arguments[3])
        else { return nil }
        stopped = arguments.count > 4 ? Int(arguments[4]) ?? 0 : 0
        (engine, self.clients, self.rate, self.seconds) = (arguments[0], clients, rate, seconds)
    }

    var lineCount: Int { Int(rate * seconds) }

    func run() throws -> String {
        let path = NSTemporaryDirectory() + "bench-publish-\(getpid()).sock"
        let process = Process()
        let common = [path, "\(rate)", "\(seconds)"]
        if engine.hasSuffix(".py") {
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [ProcessInfo.processInfo.environment["PYTHON"] ?? "python3", engine] + common
        } else {
            process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["--serve", engine] + common
        }
        let go = Pipe()
        let result = Pipe()
        process.standardInput = go
        process.standardOutput = result
        try process.run()
        let idle = try Crowd(path: path, count: stopped)
        var crowd = try Crowd(path: path, count: clients)
        // A second for the engine to see all of them.
        sleep(1)
        go.fileHandleForWriting.write(Data("\(clients + stopped)\n".utf8))
        crowd.read(until: lineCount * clients, patience: seconds + 5)
        let report = String(decoding: result.fileHandleForReading.availableData, as: UTF8.self)
        process.terminate()
        idle.close()
        return summary(crowd, report.split(whereSeparator: \.isWhitespace).compactMap { Double($0) })
    }

    private func summary(_ crowd: Crowd, _ report: [Double]) -> String {
        let delays = crowd.delays.sorted()
        func quantile(_ q: Double) -> Double {
            delays.isEmpty ? 0 : delays[Int(Double(delays.count - 1) * q)]
        }
        let cpu = report.first ?? .nan
        let rss = report.count > 1 ? report[1] : .nan
        let name = engine.split(separator: "/").last.map(String.init) ?? engine
        return String(
            format:
                #"{"engine":"%@","clients":%d,"stopped":%d,"rate":%.0f,"us_per_delivery":%.2f,"p50_us":%.0f,"p99_us":%.0f,"#
                + #""lost":%d,"rss_mb":%.1f,"line_bytes":%d}"#,
            name,
            clients,
            stopped,
            rate,
            cpu / Double(max(1, crowd.received)),
            quantile(0.5),
            quantile(0.99),
            lineCount * clients - crowd.received,
            rss,
            crowd.lineBytes
        )
    }
}
