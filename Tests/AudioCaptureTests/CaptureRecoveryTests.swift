// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import TestSupport
import Testing

@Suite struct CaptureRecoveryTests {
    private static let second: Int64 = 1_000_000_000

    @Test func aMissingDeviceIsTriedAtIncreasingIntervals() {
        var recovery = CaptureRecovery()
        var now: Int64 = 0
        var delays: [Int] = []
        while now < 120 * Self.second {
            guard case .reopen(let milliseconds) = recovery.step(.failed, at: now) else { break }
            #expect(recovery.state == .noDevice && recovery.retryMilliseconds == milliseconds)
            delays.append(milliseconds)
            now += Int64(milliseconds) * 1_000_000
        }
        #expect(delays.prefix(10).allSatisfy { $0 == 100 })
        #expect(delays == delays.sorted() && delays.last == 2_000)
        #expect(now >= 120 * Self.second && delays.count < 150)
    }

    @Test func afterAFailureADeviceIsOpenOnlyWhenItDelivers() {
        var recovery = CaptureRecovery()
        #expect(recovery.step(.opened, at: 0) == .read)
        #expect(recovery.state == .open)
        #expect(recovery.step(.delivered, at: 1) == .read)
        #expect(recovery.state == .open)
        #expect(recovery.step(.failed, at: 2) == .reopen(afterMilliseconds: 100))
        #expect(recovery.state == .lost)
        _ = recovery.step(.opened, at: 3)
        #expect(recovery.state == .lost)
        _ = recovery.step(.delivered, at: 4)
        #expect(recovery.state == .open && recovery.retryMilliseconds == 0)
    }

    @Test func aDeviceThatOpensAndFailsIsNotTriedInABusyLoop() {
        var recovery = CaptureRecovery()
        var attempts = 0
        var now: Int64 = 0
        while now < 60 * Self.second {
            _ = recovery.step(.opened, at: now)
            guard case .reopen(let milliseconds) = recovery.step(.failed, at: now) else { break }
            now += Int64(milliseconds) * 1_000_000
            attempts += 1
            #expect(recovery.state == .lost)
        }
        #expect(attempts > 50 && attempts < 130)
    }

    @Test func aSecondWithoutSamplesIsAStallAndOneSampleEndsIt() {
        var recovery = CaptureRecovery()
        _ = recovery.step(.delivered, at: 0)
        _ = recovery.step(.nothing, at: Self.second - 1)
        #expect(recovery.state == .open)
        #expect(recovery.step(.nothing, at: Self.second) == .read)
        #expect(recovery.state == .stalled)
        _ = recovery.step(.delivered, at: Self.second + 5)
        #expect(recovery.state == .open)
    }

    @Test(arguments: [CaptureRecovery.Event.nothing, .suspended])
    func aSilentDeviceIsOpenedAgainAtIncreasingIntervals(event: CaptureRecovery.Event) {
        var recovery = CaptureRecovery()
        var moments: [Int64] = []
        _ = recovery.step(.delivered, at: 0)
        for tenth in 0..<3_000 {
            let now = Int64(tenth) * Self.second / 10
            guard recovery.step(event, at: now) == .reopen(afterMilliseconds: 0) else { continue }
            moments.append(now / Self.second)
            _ = recovery.step(.opened, at: now)
            // Opening alone is not a recovery, so none is reported.
            #expect([.stalled, .suspended].contains(recovery.state))
        }
        #expect(moments.prefix(4) == [1, 5, 12, 27])
        #expect(zip(moments, moments.dropFirst()).allSatisfy { $1 - $0 <= 30 })
    }

    @Test func muteAndIdleKeepTheDeviceClosedUntilSoundIsWanted() {
        var recovery = CaptureRecovery()
        _ = recovery.step(.failed, at: 0)
        #expect(recovery.step(.quieted(isMuted: true), at: 1) == .idle)
        #expect(recovery.state == .muted && recovery.retryMilliseconds == 0)
        #expect(recovery.step(.quieted(isMuted: false), at: 2) == .idle)
        #expect(recovery.state == .idle)
        #expect(recovery.step(.wanted, at: 3) == .open)
        #expect(recovery.state == .starting)
        #expect(recovery.step(.ended, at: 4) == .end)
        #expect(recovery.state == .idle)
    }

    @Test func aFileThatFailsIsNotTriedAgain() {
        var recovery = CaptureRecovery(isLive: false)
        #expect(recovery.step(.opened, at: 0) == .read)
        #expect(recovery.state == .open)
        #expect(recovery.step(.nothing, at: 100 * Self.second) == .read)
        #expect(recovery.state == .open)
        #expect(recovery.step(.failed, at: 100 * Self.second) == .end)
    }

    /// Any order of events from a device, for hours: no dead end and no busy loop.
    @Test(arguments: 0..<20) func afterAnyEventsSamplesMakeItOpenAgain(seed: UInt64) {
        var recovery = CaptureRecovery()
        var random = SeededRandom(seed: seed)
        var now: Int64 = 0
        var openings = 0
        for _ in 0..<20_000 {
            let event: CaptureRecovery.Event =
                switch random.next() % 6 {
                case 0: .opened
                case 1: .failed
                case 2: .suspended
                default: .nothing
                }
            now += 100_000_000
            if case .reopen = recovery.step(event, at: now) { openings += 1 }
            if random.next() % 1_000 == 0 {
                _ = recovery.step(.opened, at: now)
                #expect(recovery.step(.delivered, at: now) == .read && recovery.state == .open)
            }
        }
        #expect(openings > 0)
    }
}
