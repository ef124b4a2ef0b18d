// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Testing

@Suite struct CaptureRecoveryTests {
    private let second: Int64 = 1_000_000_000

    @Test func aDeviceThatWasNeverThereIsTriedMoreAndMoreSeldom() {
        var recovery = CaptureRecovery()
        let delays = (0..<8).map { _ in
            recovery.failed()
            return recovery.retryMilliseconds
        }
        #expect(delays == [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000])
        #expect(recovery.state == .noDevice)
    }

    @Test func aDeviceThatDeliveredAndWentIsLostAndTriedSoon() {
        var recovery = CaptureRecovery()
        for _ in 0..<5 { recovery.failed() }
        recovery.opened(at: 0)
        #expect(recovery.state == .open)
        recovery.delivered(at: 1)
        recovery.failed()
        #expect(recovery.state == .lost)
        #expect(recovery.retryMilliseconds == 100)
    }

    @Test func aDeviceThatOpensAndFailsAtOnceIsNotTriedInAFrenzy() {
        var recovery = CaptureRecovery()
        for _ in 0..<10 {
            recovery.opened(at: 0)
            recovery.failed()
        }
        #expect(recovery.retryMilliseconds == 2_000)
    }

    @Test func aSecondWithoutSamplesIsAStallAndOneSampleEndsIt() {
        var recovery = CaptureRecovery()
        recovery.opened(at: 0)
        recovery.waited(at: second - 1)
        #expect(recovery.state == .open)
        recovery.waited(at: second)
        #expect(recovery.state == .stalled)
        recovery.delivered(at: second + 5)
        #expect(recovery.state == .open)
        recovery.suspended()
        #expect(recovery.state == .suspended)
        recovery.waited(at: second + 10)
        #expect(recovery.state == .suspended)
    }

    @Test func muteAndEndAreWhatTheySay() {
        var recovery = CaptureRecovery()
        recovery.failed()
        recovery.muted()
        #expect(recovery.state == .muted && recovery.retryMilliseconds == 0)
        recovery.unmuted()
        #expect(recovery.state == .starting)
        recovery.ended()
        #expect(recovery.state == .idle)
    }
}
