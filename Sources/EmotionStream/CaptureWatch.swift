// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Turns capture reports into events: one for each change of state or device, one for each loss.
///
/// Samples that arrive too late or while the ring is full are lost in pieces, hundreds after a process was stopped,
/// and often with both causes. They are reported as one loss when no more follow, with the cause of the larger part.
///
/// Pure, so that the invariant "received = consumed + reported as lost" can be tested without a device.
package struct CaptureWatch {
    /// Time without further losses after which a loss is over.
    package static let quietNanoseconds: Int64 = 250_000_000
    /// Interval at which a continuing loss is reported.
    package static let longestNanoseconds: Int64 = 5_000_000_000

    private var last: CaptureReport?
    private var joined = JoinedLoss()
    private var counted: Int64 = 0
    private var reckoned: Int64 = 0
    /// Samples lost since the previous step, by any cause.
    package private(set) var newlyLost: Int64 = 0

    /// A watch before the first report.
    package init() {}

    /// Compares with the previous report and emits the changes. `lostInRing` counts new losses only.
    package mutating func step(
        _ report: CaptureReport,
        lostInRing: Int64,
        at sample: Int64,
        now: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        let lostByDevice = report.lostByDevice - (last?.lostByDevice ?? 0)
        let missing = report.missing - (last?.missing ?? 0)
        newlyLost = lostInRing + lostByDevice + missing
        if report.condition != last?.condition || report.deviceChanges != last?.deviceChanges {
            emit(
                .state(
                    CaptureChange(
                        condition: report.condition,
                        sample: sample,
                        retryMilliseconds: report.retryMilliseconds
                    )
                )
            )
        }
        lose(lostInRing, .ringFull, at: sample, now: now, emit)
        lose(lostByDevice, .device, at: sample, now: now, emit)
        lose(missing, .outage, at: sample, now: now, emit)
        if joined.isOver(at: now) { flush(emit) }
        last = report
    }

    /// Reports a loss of `count` samples, if not 0, now or when it is over. `now` is in nanoseconds on the
    /// monotonic clock.
    package mutating func lose(
        _ count: Int64,
        _ cause: Overrun.Cause,
        at sample: Int64,
        now: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        guard count > 0 else { return }
        switch cause {
        case .ringFull, .stale: joined.add(count, cause, at: sample, now: now)
        case .muted, .device, .outage: report(count, cause, at: sample, emit)
        }
    }

    /// Reports all losses that were not reported yet.
    package mutating func flush(_ emit: (EmotionEvent) -> Void) {
        report(joined.count, joined.cause, at: joined.sample, emit)
        joined = JoinedLoss()
    }

    private mutating func report(
        _ count: Int64,
        _ cause: Overrun.Cause,
        at sample: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        guard count > 0 else { return }
        if cause.isExact { counted += count } else { reckoned += count }
        let total = cause.isExact ? counted : reckoned
        emit(.overrun(Overrun(sampleCount: count, cause: cause, totalCount: total, sample: sample)))
    }
}

/// Consecutive losses because inference was late: the ring was full or samples waited too long.
private struct JoinedLoss {
    private var inRing: Int64 = 0
    private var stale: Int64 = 0
    private var begin: Int64 = 0
    private var end: Int64 = 0
    /// Position on the audio clock at which the last of them was detected.
    private(set) var sample: Int64 = 0

    /// Samples lost.
    var count: Int64 { inRing + stale }
    /// The cause of most of them.
    var cause: Overrun.Cause { stale > inRing ? .stale : .ringFull }

    mutating func add(_ more: Int64, _ cause: Overrun.Cause, at sample: Int64, now: Int64) {
        if count == 0 { begin = now }
        if cause == .stale { stale += more } else { inRing += more }
        self.sample = sample
        end = now
    }

    func isOver(at now: Int64) -> Bool {
        count > 0
            && (now - end >= CaptureWatch.quietNanoseconds || now - begin >= CaptureWatch.longestNanoseconds)
    }
}
