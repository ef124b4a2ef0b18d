// SPDX-License-Identifier: Apache-2.0
import Foundation
import SampleRing
import Synchronization
import Testing

@Suite struct WakeSignalTests {
    @Test func manySignalsAreOneWake() throws {
        let wake = try WakeSignal()
        #expect(!wake.wait(timeoutMilliseconds: 0))
        for _ in 0..<200_000 { wake.signal() }  // three times a pipe's capacity
        #expect(wake.wait(timeoutMilliseconds: 0))
        #expect(!wake.wait(timeoutMilliseconds: 0))
        wake.signal()
        #expect(wake.wait(timeoutMilliseconds: 0))
    }

    @Test func acknowledgingWithoutASignalKeepsTheNextOne() throws {
        let wake = try WakeSignal()
        wake.acknowledge()
        wake.signal()
        #expect(wake.wait(timeoutMilliseconds: 0))
    }

    /// Every step waits for the other side's answer, so one lost wake would stop the test.
    @Test func noWakeIsLostBetweenTwoThreads() throws {
        let rounds = 20_000
        let (ping, pong) = (try WakeSignal(), try WakeSignal())
        let count = Box()
        let player = Thread {
            for _ in 0..<rounds where ping.wait(timeoutMilliseconds: 10_000) {
                count.value.add(1, ordering: .relaxed)
                pong.signal()
            }
        }
        player.start()
        for _ in 0..<rounds {
            ping.signal()
            guard pong.wait(timeoutMilliseconds: 10_000) else { break }
        }
        #expect(count.value.load(ordering: .relaxed) == rounds)
    }

    @Test func aSampleIsAsOldAsItsDistanceFromTheNewest() throws {
        let clock = CaptureClock()
        #expect(clock.ageSeconds(ofSample: 0) == nil)
        clock.mark(pushedSamples: 32_000, delayNanoseconds: 500_000_000)
        let newest = try #require(clock.ageSeconds(ofSample: 32_000))
        let oldest = try #require(clock.ageSeconds(ofSample: 0))
        #expect(newest >= 0.5)
        #expect(oldest >= newest + 2 && oldest < newest + 3)
    }
}

private final class Box: Sendable {
    let value = Atomic(0)
}
