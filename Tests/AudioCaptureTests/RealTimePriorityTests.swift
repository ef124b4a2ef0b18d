// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import Foundation
import Testing

/// True if this process may request real-time scheduling.
private let mayAsk: Bool = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    let capabilities = line.flatMap {
        UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    }
    return (capabilities ?? 0) & (1 << 23) != 0
}()

@Suite struct RealTimePriorityTests {
    private struct Outcome {
        var refusal: String?
        var before: CInt = -1
        var loss: String?
        var after: CInt = -1
    }

    /// On a machine with one CPU no other thread would run.
    @Test(.enabled(if: mayAsk)) func aThreadThatNeverWaitsBecomesAnOrdinaryOne() async {
        let outcome = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Self.runAway()) }
        }
        #expect(outcome.refusal == nil)
        #expect(outcome.before == SCHED_FIFO)
        #expect(outcome.loss?.contains("without waiting") == true)
        #expect(outcome.after == SCHED_OTHER)
    }

    private static func runAway() -> Outcome {
        var outcome = Outcome()
        var priority = RealTimePriority()
        outcome.refusal = priority.ask()
        outcome.before = sched_getscheduler(0)
        let end = DispatchTime.now() + .seconds(5)
        while outcome.loss == nil, DispatchTime.now() < end { outcome.loss = priority.takeLoss() }
        outcome.after = sched_getscheduler(0)
        return outcome
    }
}
