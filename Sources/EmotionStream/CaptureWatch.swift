// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Turns what capture reports into events: one for each change of state or device, one for each loss.
///
/// Samples that come too late or find no room are lost in pieces, hundreds of them after a process was stopped for a
/// while. They are reported as one loss when no more follow.
///
/// Pure, so that the invariant "handed to us = consumed + reported as lost" can be tested without a device.
package struct CaptureWatch {
    /// A loss is over when no more follows for so long.
    package static let quietNanoseconds: Int64 = 250_000_000
    /// A loss that does not end is reported as often as this.
    package static let longestNanoseconds: Int64 = 5_000_000_000

    private var last: CaptureReport?
    private var inRing = JoinedLoss(cause: .ringFull)
    private var stale = JoinedLoss(cause: .stale)
    private var counted: Int64 = 0
    private var reckoned: Int64 = 0
    /// Samples lost since the step before, whoever lost them.
    package private(set) var newlyLost: Int64 = 0

    /// A watch that has seen nothing yet.
    package init() {}

    /// Compares with the report before and emits what changed. `lostInRing` counts new losses only.
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
        if inRing.isOver(at: now) || stale.isOver(at: now) { flush(emit) }
        last = report
    }

    /// Reports the loss of `count` samples, if there are any, now or when it is over. `now` is in nanoseconds on the
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
        case .ringFull: inRing.add(count, at: sample, now: now)
        case .stale: stale.add(count, at: sample, now: now)
        case .muted, .device, .outage: report(count, cause, at: sample, emit)
        }
    }

    /// Reports all losses that were not reported yet.
    package mutating func flush(_ emit: (EmotionEvent) -> Void) {
        report(inRing.count, inRing.cause, at: inRing.sample, emit)
        report(stale.count, stale.cause, at: stale.sample, emit)
        inRing = JoinedLoss(cause: .ringFull)
        stale = JoinedLoss(cause: .stale)
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

/// Losses of one cause that follow each other closely.
private struct JoinedLoss {
    let cause: Overrun.Cause
    var count: Int64 = 0
    /// Where the last of them was noticed, on the audio clock.
    var sample: Int64 = 0
    private var begin: Int64 = 0
    private var end: Int64 = 0

    init(cause: Overrun.Cause) { self.cause = cause }

    mutating func add(_ more: Int64, at sample: Int64, now: Int64) {
        if count == 0 { begin = now }
        count += more
        self.sample = sample
        end = now
    }

    func isOver(at now: Int64) -> Bool {
        count > 0
            && (now - end >= CaptureWatch.quietNanoseconds || now - begin >= CaptureWatch.longestNanoseconds)
    }
}
