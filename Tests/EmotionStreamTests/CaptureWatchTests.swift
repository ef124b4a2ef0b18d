// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import TestSupport
import Testing

@Suite struct CaptureWatchTests {
    @Test func eachChangeOfStateIsReportedOnce() {
        var watch = CaptureWatch()
        var seen: [CaptureCondition] = []
        for condition in [CaptureCondition.starting, .open, .open, .lost, .lost, .open] {
            watch.step(CaptureReport(condition: condition), lostInRing: 0, at: 0, now: 0) {
                if case .state(let change) = $0 { seen.append(change.condition) }
            }
        }
        #expect(seen == [.starting, .open, .lost, .open])
    }

    @Test func everyLossIsReportedExactlyAndSkipped() {
        var watch = CaptureWatch()
        var random = SeededRandom(seed: 11)
        var counted: Int64 = 0
        var missing: Int64 = 0
        var byDevice: Int64 = 0
        var reported: Int64 = 0
        var skipped: Int64 = 0
        var totals: [Bool: Int64] = [:]
        func note(_ event: EmotionEvent) {
            guard case .overrun(let overrun) = event else { return }
            reported += overrun.sampleCount
            totals[overrun.isExact] = overrun.totalCount
        }
        for _ in 0..<500 {
            let inRing = Int64.random(in: 0...3, using: &random) * 100
            let more = Int64.random(in: 0...1, using: &random) * 160
            byDevice += more
            missing += Int64.random(in: 0...1, using: &random) * 16_000
            counted += inRing
            var report = CaptureReport(condition: .open)
            report.lostByDevice = byDevice
            report.missing = missing
            watch.step(report, lostInRing: inRing, at: 0, now: 0) { note($0) }
            skipped += watch.newlyLost
        }
        watch.flush { note($0) }
        #expect(reported == counted + byDevice + missing && skipped == reported)
        #expect(totals == [true: counted, false: byDevice + missing])
    }

    @Test func aBurstOfLossesIsReportedOnceWhenItIsOver() {
        var watch = CaptureWatch()
        var losses: [Overrun] = []
        func note(_ event: EmotionEvent) { if case .overrun(let loss) = event { losses.append(loss) } }
        let report = CaptureReport(condition: .open)
        for piece in 0..<640 {
            let now = Int64(piece) * 3_000_000
            watch.step(report, lostInRing: 0, at: 0, now: now) { note($0) }
            watch.lose(800, .stale, at: Int64(piece), now: now) { note($0) }
        }
        #expect(losses.isEmpty)
        watch.step(report, lostInRing: 0, at: 0, now: 640 * 3_000_000 + CaptureWatch.quietNanoseconds) {
            note($0)
        }
        #expect(losses == [Overrun(sampleCount: 512_000, cause: .stale, totalCount: 512_000, sample: 639)])
    }

    @Test func aFreezeThatFillsTheRingAndLeavesABacklogIsOneLoss() {
        var watch = CaptureWatch()
        var losses: [Overrun] = []
        func note(_ event: EmotionEvent) { if case .overrun(let loss) = event { losses.append(loss) } }
        let report = CaptureReport(condition: .open)
        watch.step(report, lostInRing: 62_464, at: 100, now: 1_000_000) { note($0) }
        watch.lose(64_000, .stale, at: 100, now: 1_000_000) { note($0) }
        watch.step(report, lostInRing: 512, at: 164, now: 9_000_000) { note($0) }
        #expect(losses.isEmpty)
        watch.step(report, lostInRing: 0, at: 200, now: 9_000_000 + CaptureWatch.quietNanoseconds) {
            note($0)
        }
        #expect(losses == [Overrun(sampleCount: 126_976, cause: .stale, totalCount: 126_976, sample: 164)])
    }

    @Test func aContinuingLossIsReportedAtIntervals() {
        var watch = CaptureWatch()
        var count = 0
        for second in 0..<60 {
            watch.step(
                CaptureReport(condition: .open),
                lostInRing: 160,
                at: 0,
                now: Int64(second) * 200_000_000
            ) {
                if case .overrun = $0 { count += 1 }
            }
        }
        #expect(count == 2)
    }
}
