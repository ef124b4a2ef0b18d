// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Turns what capture reports into events: one for each change of state, one for each loss.
///
/// Pure, so that the invariant "handed to us = consumed + reported as lost" can be tested without a device.
package struct CaptureWatch {
    private var last: CaptureReport?
    private var totalLost: Int64 = 0
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
        newlyLost = lostInRing + lostByDevice
        if report.condition != last?.condition {
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
        account(lostInRing, .ringFull, isExact: true, sample, emit)
        account(lostByDevice, .device, isExact: false, sample, emit)
        last = report
    }

    private mutating func account(
        _ count: Int64,
        _ cause: Overrun.Cause,
        isExact: Bool,
        _ sample: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        guard count > 0 else { return }
        totalLost += count
        emit(
            .overrun(
                Overrun(
                    sampleCount: count,
                    cause: cause,
                    isExact: isExact,
                    totalCount: totalLost,
                    sample: sample
                )
            )
        )
    }
}
