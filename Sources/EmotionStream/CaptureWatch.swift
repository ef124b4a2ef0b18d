// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Turns what capture reports into events: one for each change of state or device, one for each loss.
///
/// Pure, so that the invariant "handed to us = consumed + reported as lost" can be tested without a device.
package struct CaptureWatch {
    private var last: CaptureReport?
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
        lose(lostInRing, .ringFull, at: sample, emit)
        lose(lostByDevice, .device, at: sample, emit)
        lose(missing, .outage, at: sample, emit)
        last = report
    }

    /// Emits the loss of `count` samples, if there are any.
    package mutating func lose(
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
