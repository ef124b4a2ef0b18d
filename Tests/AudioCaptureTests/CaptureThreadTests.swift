// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import AudioFiles
import EmotionEvents
import Foundation
import SampleRing
import TestSupport
import Testing

@Suite struct CaptureThreadTests {
    @Test func aFileArrivesWholeThroughASmallRing() throws {
        try withSoundFolder { folder in
            let samples = (0..<160_000).map { Float($0 % 30_000) / 32_768 }
            let path = try SoundFile(samples: samples, sampleRate: 16_000).write(to: folder)
            var heard: [Float] = []
            let capture = try self.capture(FileCapture(path: path), ringCapacity: 512) { heard += $0 }
            #expect(heard == samples)
            let report = capture.report
            #expect(report.isFinished && report.condition == .idle && capture.status.lastError == nil)
            #expect(report.captured == 160_000)
        }
    }

    @Test func aMissingFileEndsTheCaptureWithItsError() throws {
        let capture = try self.capture(FileCapture(path: "/absent.wav")) { _ in }
        #expect(capture.report.isFinished)
        #expect(capture.status.lastError?.kind == .fileUnreadable(.missing))
    }

    @Test func samplesOfALiveSourceAreCapturedOrCountedAsLost() throws {
        // Two seconds of tone into a ring of a fortieth of a second that is not read.
        let source = try ToneCapture(frequencyHz: 440, duration: .seconds(1))
        let wake = try WakeSignal()
        try withCapture(source, ringCapacity: 400, wake) { capture, consumer in
            var popped = 0
            var lost = 0
            while !consumer.isFinished {
                Thread.sleep(forTimeInterval: 0.1)
                popped += consumer.skip(400)
                lost += consumer.takeLoss()
            }
            lost += consumer.takeLoss()
            #expect(lost > 0)
            #expect(Int64(popped + lost) == capture.report.captured)
            #expect(abs(popped + lost - 16_000) <= 1)
        }
    }

    @Test func aPacedFileTakesAsLongAsItLasts() throws {
        try withSoundFolder { folder in
            let path = try SoundFile(samples: [Float](repeating: 0.1, count: 48_000), sampleRate: 48_000)
                .write(to: folder)
            let start = Date()
            var count = 0
            _ = try capture(FileCapture(path: path, isPaced: true)) { count += $0.count }
            #expect(abs(count - 16_000) <= 1)
            // Never early; the delay depends on the machine.
            #expect(Date().timeIntervalSince(start) >= 0.98)
        }
    }

    @Test(arguments: ["tone", "alsa:absent", "pulse:absent", "file:/dev/zero", "stdin"])
    func stopIsQuickInEveryState(device: String) throws {
        let specifier = try DeviceSpecifier(device)
        let wake = try WakeSignal()
        try withCapture(try specifier.makeSource(), wake) { capture, _ in
            Thread.sleep(forTimeInterval: 0.3)
            let start = Date()
            capture.stop()
            #expect(Date().timeIntervalSince(start) < 0.5)
            #expect(capture.report.isFinished)
        }
    }

    @Test func aMissingDeviceIsAStateAndIsTriedAgain() throws {
        let wake = try WakeSignal()
        try withCapture(ALSACapture(device: "hw:7"), wake) { capture, _ in
            #expect(wait(for: capture, .noDevice))
            #expect(capture.status.lastError?.kind == .deviceMissing)
            #expect(capture.report.retryMilliseconds >= 100)
            #expect(!capture.report.isFinished)
        }
    }

    @Test func muteClosesTheSourceAndUnmuteOpensItAgain() throws {
        let wake = try WakeSignal()
        try withCapture(try ToneCapture(frequencyHz: 440), wake) { capture, _ in
            #expect(wait(for: capture, .open))
            capture.mute()
            #expect(wait(for: capture, .muted))
            let muted = capture.report.captured
            Thread.sleep(forTimeInterval: 0.2)
            #expect(capture.report.captured == muted)
            capture.unmute()
            #expect(wait(for: capture, .open))
        }
    }

    @Test func theClockGivesTheAgeOfTheNewestSample() throws {
        let wake = try WakeSignal()
        try withCapture(try ToneCapture(frequencyHz: 440), wake) { capture, _ in
            #expect(wait(for: capture, .open))
            Thread.sleep(forTimeInterval: 0.2)
            let captured = capture.report.captured
            let age = try #require(capture.clock.ageSeconds(ofSample: captured))
            #expect(age > -0.1 && age < 1)
            let first = try #require(capture.clock.ageSeconds(ofSample: 0))
            #expect(abs(first - age - Double(captured) / 16_000) < 0.01)
        }
    }

    /// Runs `source` to its end and returns the samples.
    private func capture(
        _ source: sending any CaptureSource,
        ringCapacity: Int = 16_000,
        _ take: ([Float]) -> Void
    ) throws -> CaptureThread {
        let wake = try WakeSignal()
        return try withCapture(source, ringCapacity: ringCapacity, wake) { capture, consumer in
            var block = [Float](repeating: 0, count: 333)
            while !consumer.isFinished {
                var span = block.mutableSpan
                let count = consumer.pop(into: &span)
                take(Array(block[..<count]))
                if count == 0 { _ = wake.wait(timeoutMilliseconds: 100) }
            }
            return capture
        }
    }

    private func wait(for capture: CaptureThread, _ state: CaptureCondition) -> Bool {
        for _ in 0..<500 {
            if capture.report.condition == state { return true }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return false
    }
}

/// Runs a capture thread for as long as `body` lasts.
func withCapture<Result>(
    _ source: sending any CaptureSource,
    ringCapacity: Int = 32_000,
    _ wake: WakeSignal,
    _ body: (CaptureThread, inout SampleConsumer) throws -> Result
) throws -> Result {
    nonisolated(unsafe) let source = source
    let ends = makeRing(of: Float.self, minimumCapacity: ringCapacity)
    let capture = CaptureThread(source: source, samples: ends.producer, samplesArrived: wake)
    var consumer = ends.consumer
    capture.start()
    defer { capture.stop() }
    return try body(capture, &consumer)
}
