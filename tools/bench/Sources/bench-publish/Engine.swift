// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import Logging
import SampleRing

/// The measured process: sends stamped lines at a steady rate to all clients.
///
/// `undertone` is the daemon's server with a publisher in the place of inference. `floor` is the least that any
/// program could do: one `send` per client in a loop, no protocol, no queue, a client that stands would stop it.
struct Engine {
    private let name: String
    private let path: String
    private let interval: UInt64
    private let lineCount: Int

    init(_ arguments: [String]) {
        name = arguments[1]
        path = arguments[2]
        let rate = Double(arguments[3]) ?? 50
        interval = UInt64(1e9 / rate)
        lineCount = Int(rate * (Double(arguments[4]) ?? 10))
    }

    func run() async throws {
        if name == "floor" { try floor() } else { try await undertone() }
    }

    private static let labels = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"]

    private func undertone() async throws {
        var settings = EventServerSettings(events: .path(path), control: nil)
        settings.maximumClients = 10_000
        settings.maximumClientsPerUser = 10_000
        let model = ServerIdentity.Model(
            id: "bench",
            sha256: "",
            labels: Self.labels,
            hopMilliseconds: 20,
            isCausal: true,
            latencyMilliseconds: 0,
            calibrationSet: nil
        )
        let sources = ServerSources(audioPosition: { 0 }, device: { nil }, status: { StatusReport() })
        let arrived = try WakeSignal()
        let count = lineCount
        let interval = interval
        let ends = makeRing(of: EmotionEvent.self, minimumCapacity: 1_024)
        let server = try EventServer(
            settings: settings,
            identity: ServerIdentity(server: "bench/0", model: model),
            events: ends.consumer,
            arrived: arrived,
            sources: sources,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
        let outlet = Outlet(ring: ends.producer, arrived: arrived)
        Thread.detachNewThread { Self.pace(count, interval) { outlet.send(Self.event(stamp: $0)) } }
        try await server.run()
    }

    private func floor() throws {
        let listening = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        listen(listening, 1_024)
        let encoder = EventLine(labels: Self.labels)
        var clients: [CInt] = []
        Self.pace(lineCount, interval) { accepting in
            for _ in 0..<accepting { clients.append(accept(listening, nil, nil)) }
        } send: { stamp in
            let line = Array(encoder.line(Self.event(stamp: stamp)).utf8)
            for client in clients { send(client, line, line.count, CInt(MSG_NOSIGNAL)) }
        }
    }

    private static func event(stamp: UInt64) -> EmotionEvent {
        let probabilities: [Float] = [0.21, 0.58, 0.04, 0.06, 0.03, 0.02, 0.06]
        return .estimate(
            Estimate(
                sequence: 48_213,
                utterance: stamp,
                revision: 5,
                isFinal: false,
                startSample: 12_998_400,
                endSample: 13_040_000,
                wallNanoseconds: WallTime.now(),
                verdict: .label(1),
                probabilities: ClassProbabilities(probabilities.span),
                heardMilliseconds: 2_600,
                stable: StableLabel(label: 1, forMilliseconds: 1_500),
                quality: SoundQuality(levelDecibels: -23, signalToNoiseDecibels: 18.2, isClipping: false),
                lagMilliseconds: 11.8
            )
        )
    }

    /// Waits for `go`, sends at a steady rate, and reports CPU microseconds and memory.
    private static func pace(
        _ count: Int,
        _ interval: UInt64,
        accept: (Int) -> Void = { _ in },
        send: (UInt64) -> Void
    ) {
        guard let clients = readLine().flatMap({ Int($0) }) else { return }
        accept(clients)
        let before = cpuMicroseconds()
        var next = Stamp.now() + interval
        for _ in 0..<count {
            var moment = timespec(tv_sec: Int(next / 1_000_000_000), tv_nsec: Int(next % 1_000_000_000))
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil)
            send(Stamp.now())
            next += interval
        }
        usleep(200_000)
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let report = "\(cpuMicroseconds() - before) \(Double(usage.ru_maxrss) / 1_024)\n"
        FileHandle.standardOutput.write(Data(report.utf8))
        sleep(60)
    }

    private static func cpuMicroseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}

/// The publisher's end of the ring, as in the daemon's inference thread.
private final class Outlet: @unchecked Sendable {
    private var ring: RingProducer<EmotionEvent>
    private let arrived: WakeSignal

    init(ring: consuming RingProducer<EmotionEvent>, arrived: WakeSignal) {
        self.ring = ring
        self.arrived = arrived
    }

    func send(_ event: EmotionEvent) {
        let one = InlineArray<1, EmotionEvent>(repeating: event)
        _ = ring.push(one.span)
        arrived.signal()
    }
}
