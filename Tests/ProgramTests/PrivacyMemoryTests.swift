// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

extension LiveTests {
    /// Samples of a voice that remain in the daemon's memory, read by another process.
    @Suite struct PrivacyMemoryTests {
        /// Root may read the memory of other processes, and so may this test.
        @Test(.enabled(if: geteuid() == 0))
        func afterMuteTheMemoryHoldsNoneOfTheVoice() async throws {
            let server = try SoundServer()
            defer { server.stop() }
            let daemon = try await Daemon(
                device: "pulse:" + SoundServer.sourceName,
                environment: server.environment
            )
            let client = try daemon.client()
            try client.subscribe(to: ["estimate", "state"])
            let speech = try SpokenTime(seconds: 6)
            try server.feed(speech.samples)
            while try client.next("estimate")["label"] as? String == nil {}

            let memory = ProcessMemory(daemon.running.identifier)
            let before = try memory.stretches(of: speech.voice)
            #expect(before.values.max() ?? 0 >= 320, "the scan finds no voice")
            let control = try SocketClient(path: daemon.folder("control.sock"))
            control.send(#"{"type":"mute","id":1}"#)
            #expect(try control.next("ack")["id"] as? Int == 1)
            while try client.next("state")["capture"] as? String != "muted" {}
            try await Task.sleep(for: .seconds(1))
            let rest = try memory.stretches(of: speech.voice)
            #expect(rest.isEmpty, "samples of the voice by region: \(rest)")
            #expect(await daemon.terminate().status == 0)
        }
    }
}

/// Memory of another process.
private struct ProcessMemory {
    private let identifier: pid_t

    init(_ identifier: pid_t) { self.identifier = identifier }

    /// Samples in the longest stretch of a voice, for each mapping that holds at least 20 ms of it.
    func stretches(of voice: KnownVoice) throws -> [String: Int] {
        let maps = try String(contentsOfFile: "/proc/\(identifier)/maps", encoding: .utf8)
        let memory = open("/proc/\(identifier)/mem", O_RDONLY | O_CLOEXEC)
        defer { close(memory) }
        var found: [String: Int] = [:]
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            let bounds = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            guard fields[1].hasPrefix("rw"), bounds.count == 2 else { continue }
            let longest = stretch(of: voice, in: memory, bounds[0]..<bounds[1])
            if longest > 0 { found[fields.count > 5 ? "\(fields[5])" : "heap \(fields[0])"] = longest }
        }
        return found
    }

    private func stretch(of voice: KnownVoice, in memory: Int32, _ range: Range<Int>) -> Int {
        // Pieces overlap by 20 ms of floats.
        let piece = 1 << 20
        return stride(from: range.lowerBound, to: range.upperBound, by: piece - 2_560).map { start in
            var bytes = [UInt8](repeating: 0, count: min(piece, range.upperBound - start))
            let count = pread(memory, &bytes, bytes.count, off_t(start))
            return count > 0 ? voice.longestStretch(in: Array(bytes.prefix(count))) : 0
        }.max() ?? 0
    }
}
