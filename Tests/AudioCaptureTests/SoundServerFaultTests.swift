// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import Foundation
import SampleRing
import TestSupport
import Testing

extension SoundServerTests {
    /// Microphones that disappear, hang and return.
    @Suite struct Faults {
        @Test(arguments: ["pulse:mic", "alsa:undertone"])
        func aServerThatDiesAndComesBackIsFoundAgain(device: String) throws {
            try withMicrophone(device) { server, capture in
                #expect(reaches(capture, .open))
                server.signal(SIGKILL)
                #expect(
                    reaches(capture, .lost),
                    "\(capture.report.condition), \(String(describing: capture.status.lastError))"
                )
                #expect(capture.status.lastError != nil)
                try server.start()
                try server.feed([])
                #expect(reaches(capture, .open))
                let before = capture.report.captured
                Thread.sleep(forTimeInterval: 0.5)
                #expect(capture.report.captured > before)
            }
        }

        @Test(arguments: ["pulse:mic", "alsa:undertone"])
        func aHangingServerIsAStallAndNeitherErrorNorSilence(device: String) throws {
            try withMicrophone(device) { server, capture in
                #expect(reaches(capture, .open))
                server.signal(SIGSTOP)
                #expect(reaches(capture, .stalled))
                let stalled = capture.report.captured
                Thread.sleep(forTimeInterval: 0.3)
                #expect(capture.report.captured == stalled)
                server.signal(SIGCONT)
                #expect(reaches(capture, .open))
            }
        }

        @Test(arguments: ["pulse:mic", "alsa:undertone"])
        func captureOfAHangingServerStopsAtOnce(device: String) throws {
            try withMicrophone(device) { server, capture in
                #expect(reaches(capture, .open))
                server.signal(SIGSTOP)
                #expect(reaches(capture, .stalled))
                let start = Date()
                capture.stop()
                #expect(Date().timeIntervalSince(start) < 0.5)
            }
        }

        @Test func openingAHangingServerStopsAtOnce() throws {
            let server = try SoundServer()
            server.adopt()
            defer { server.stop() }
            server.signal(SIGSTOP)
            let wake = try WakeSignal()
            try withCapture(PulseCapture(sourceName: nil), wake) { capture, _ in
                Thread.sleep(forTimeInterval: 0.3)
                #expect(capture.report.condition == .starting)
                let start = Date()
                capture.stop()
                #expect(Date().timeIntervalSince(start) < 0.5)
                #expect(capture.report.isFinished)
            }
        }

        @Test func theDefaultMicrophoneIsFollowedWhenItChanges() throws {
            try withMicrophone("default") { server, capture in
                #expect(reaches(capture, .open))
                #expect(capture.status.device == "pulse:mic")
                let second = try server.addMicrophone("desk")
                defer { second.stop() }
                let changes = capture.report.deviceChanges
                try server.control("set-default-source", "desk")
                #expect(eventually { capture.status.device == "pulse:desk" }, "\(capture.status.device)")
                #expect(capture.report.deviceChanges > changes && capture.report.condition == .open)
                let before = capture.report.captured
                #expect(eventually { capture.report.captured > before + 8_000 })
                try server.control("set-default-source", "mic")
                #expect(eventually { capture.status.device == "pulse:mic" })
            }
        }

        @Test func captureWaitsForANamedMicrophoneAndUsesNoOther() throws {
            try withMicrophone("pulse:mic") { server, capture in
                let second = try server.addMicrophone("desk")
                defer { second.stop() }
                #expect(reaches(capture, .open))
                try server.removeMicrophone("mic")
                #expect(reaches(capture, .lost))
                Thread.sleep(forTimeInterval: 0.5)
                #expect(capture.report.condition == .lost && capture.status.device == "pulse:mic")
                let first = try server.addMicrophone("mic")
                defer { first.stop() }
                #expect(reaches(capture, .open))
            }
        }

        @Test func aMicrophoneWithoutSoundIsAStall() throws {
            try withMicrophone("pulse:mic") { server, capture in
                #expect(reaches(capture, .open))
                server.stopFeeding()
                #expect(reaches(capture, .stalled))
            }
        }

        @Test(.enabled(if: canCountAllocations))
        func betweenTheLibraryAndTheRingNothingIsAllocated() throws {
            let server = try SoundServer(sampleRate: 48_000, channelCount: 2)
            defer { server.stop() }
            server.adopt()
            try server.feed([])
            let source = PulseCapture(sourceName: nil)
            var decoder = try PCMDecoder(format: try source.open())
            // So small that one piece from the server lasts for many reads; most reads do not run the
            // library's loop.
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 16)
            defer { buffer.deallocate() }
            let ends = makeRing(of: Float.self, minimumCapacity: 1 << 16)
            var producer = ends.producer
            var pushed = 0
            var counts: [Int] = []
            counts.reserveCapacity(2_000)
            for _ in 0..<1_000 {
                var byteCount = 0
                let reading = allocations {
                    if case .bytes(let count) = source.read(into: buffer) { byteCount = count }
                }
                let pushing = allocations {
                    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<byteCount])
                    decoder.step(bytes.bytes) { pushed += producer.push($0) }
                }
                if byteCount > 0 { counts.append(reading == 0 ? pushing : -1) }
            }
            // The first use of generic code lets the runtime build its metadata, once in a process.
            #expect(counts.dropFirst(10).allSatisfy { $0 <= 0 })
            #expect(counts.count { $0 == 0 } > counts.count * 8 / 10)
            #expect(pushed > 1_000)
            _ = ends.consumer.availableCount
            source.close()
        }

        private func withMicrophone(
            _ device: String,
            _ body: (SoundServer, CaptureThread) throws -> Void
        ) throws {
            let server = try SoundServer()
            defer { server.stop() }
            server.adopt()
            try server.feed([])
            let wake = try WakeSignal()
            try withCapture(try DeviceSpecifier(device).makeSource(), wake) { capture, _ in
                try body(server, capture)
            }
        }

        private func reaches(_ capture: CaptureThread, _ state: CaptureCondition) -> Bool {
            eventually { capture.report.condition == state }
        }

        /// A long timeout, because the machine may be busy.
        private func eventually(_ isTrue: () -> Bool) -> Bool {
            for _ in 0..<1_000 {
                if isTrue() { return true }
                Thread.sleep(forTimeInterval: 0.01)
            }
            return false
        }
    }
}
