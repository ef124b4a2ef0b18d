// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Testing

@Suite struct ArrivalWatchTests {
    @Test func aBurstOfAllSamplesIsLateAndNothingIsMissing() {
        var device = Device()
        device.deliver(seconds: 3)
        device.now += 1_500_000_000
        let lateness = device.burst(seconds: 1.5)
        #expect(lateness.first.map { $0 > 1_400_000_000 } == true)
        device.deliver(seconds: 3)
        #expect(device.missing == 0)
        #expect(device.watch.lateness < 30_000_000)
    }

    @Test func aSlowBacklogOfABusyMachineIsNotMissing() {
        var device = Device()
        device.deliver(seconds: 3)
        device.now += 8_000_000_000
        // A sixth of a second of sound each 50 ms: the last samples arrive after nearly four seconds.
        var owed = 8.0
        while owed > 0 {
            device.now += 50_000_000
            device.arrive(samples: 2_667)
            owed += 0.05 - 2_667.0 / 16_000
        }
        device.deliver(seconds: 5)
        #expect(device.missing == 0)
    }

    @Test func aPauseWithoutSamplesIsMissingToTheSample() {
        var device = Device()
        device.deliver(seconds: 3)
        device.now += 1_500_000_000
        device.deliver(seconds: 3)
        #expect(abs(device.missing - 24_000) <= 16)
        device.deliver(seconds: 600)
        #expect(abs(device.missing - 24_000) <= 16)
    }

    @Test func afterReopeningTheFirstSamplesShowTheHole() {
        var device = Device()
        device.deliver(seconds: 1)
        device.now += 60_000_000_000
        device.watch.opened()
        device.deliver(seconds: 0.02)
        #expect(abs(device.missing - 960_000) <= 320)
        #expect(device.watch.lateness < 30_000_000)
    }

    @Test(arguments: [-300.0, -50, 0, 50, 300])
    func twoClocksThatDriftApartForADayMissNothing(partsPerMillion: Double) {
        var device = Device(partsPerMillion: partsPerMillion)
        device.deliver(seconds: 86_400)
        #expect(device.missing == 0)
        #expect(device.watch.lateness < 30_000_000)
    }

    @Test func unevenPeriodsMissNothing() {
        var device = Device()
        for step in 0..<20_000 {
            device.now += [5, 60, 20, 1, 14][step % 5] * 1_000_000
            device.arrive(samples: 320)
        }
        #expect(device.missing == 0)
    }

    @Test func manyPausesAddUp() {
        var device = Device()
        for _ in 0..<10 {
            device.deliver(seconds: 5)
            device.now += 700_000_000
        }
        device.deliver(seconds: 5)
        #expect(abs(device.missing - 112_000) <= 200)
    }
}

/// A microphone that delivers 20 ms at a time.
private struct Device {
    var watch = ArrivalWatch()
    var now: Int64 = 5_000_000_000
    var position: Int64 = 0
    var missing: Int64 = 0
    private let period: Int64

    init(partsPerMillion: Double = 0) { period = 20_000_000 + Int64(20 * partsPerMillion) }

    mutating func deliver(seconds: Double) {
        for _ in 0..<Int(seconds * 50) {
            now += period
            arrive(samples: 320)
        }
    }

    mutating func burst(seconds: Double) -> [Int64] {
        (0..<Int(seconds * 50)).map { _ in
            arrive(samples: 320)
            return watch.lateness
        }
    }

    mutating func arrive(samples: Int64) {
        position += samples
        let hole = watch.arrived(position: position, at: now)
        missing += hole
        position += hole
    }
}
