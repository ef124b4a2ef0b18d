// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import TestSupport
import Testing

@Suite struct CaptureWatchTests {
    @Test func eachChangeOfStateIsToldOnce() {
        var watch = CaptureWatch()
        var seen: [CaptureCondition] = []
        for condition in [CaptureCondition.starting, .open, .open, .lost, .lost, .open] {
            watch.step(CaptureReport(condition: condition), lostInRing: 0, at: 0) {
                if case .state(let change) = $0 { seen.append(change.condition) }
            }
        }
        #expect(seen == [.starting, .open, .lost, .open])
    }

    @Test func whateverIsLostIsReportedExactlyAndSkipped() {
        var watch = CaptureWatch()
        var random = SeededRandom(seed: 11)
        var counted: Int64 = 0
        var missing: Int64 = 0
        var byDevice: Int64 = 0
        var reported: Int64 = 0
        var skipped: Int64 = 0
        var totals: [Bool: Int64] = [:]
        for _ in 0..<500 {
            let inRing = Int64.random(in: 0...3, using: &random) * 100
            let more = Int64.random(in: 0...1, using: &random) * 160
            byDevice += more
            missing += Int64.random(in: 0...1, using: &random) * 16_000
            counted += inRing
            var report = CaptureReport(condition: .open)
            report.lostByDevice = byDevice
            report.missing = missing
            watch.step(report, lostInRing: inRing, at: 0) {
                if case .overrun(let overrun) = $0 {
                    reported += overrun.sampleCount
                    totals[overrun.isExact] = overrun.totalCount
                }
            }
            skipped += watch.newlyLost
        }
        #expect(reported == counted + byDevice + missing && skipped == reported)
        #expect(totals == [true: counted, false: byDevice + missing])
    }
}
