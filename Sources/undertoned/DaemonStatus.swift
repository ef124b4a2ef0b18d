// SPDX-License-Identifier: Apache-2.0
import EventSocket
import ServiceRuntime
import Synchronization

/// Answers `status` from the counters of the parts. Any thread; a few system calls.
final class DaemonStatus: Sendable {
    private struct Usage {
        var time: ContinuousClock.Instant
        var cpuSeconds: Double
        var percent: Double
    }

    private let start = ContinuousClock.now
    private let usage: Mutex<Usage>
    private let fill: @Sendable (inout StatusReport) -> Void

    /// `fill` writes the figures of capture and inference.
    init(fill: @escaping @Sendable (inout StatusReport) -> Void) {
        self.fill = fill
        usage = Mutex(Usage(time: start, cpuSeconds: ProcessStatistics.now().cpuSeconds, percent: 0))
    }

    func report() -> StatusReport {
        let process = ProcessStatistics.now()
        var report = StatusReport()
        fill(&report)
        report.cpuPercent = cpuPercent(process.cpuSeconds)
        report.residentBytes = Int64(process.residentBytes)
        report.uptimeSeconds = (ContinuousClock.now - start) / .seconds(1)
        return report
    }

    /// CPU use over the last second or more; requests in quick succession get the same value, not a noisy one.
    private func cpuPercent(_ cpuSeconds: Double) -> Double {
        let now = ContinuousClock.now
        return usage.withLock { usage in
            let elapsed = (now - usage.time) / .seconds(1)
            if elapsed >= 1 {
                usage = Usage(
                    time: now,
                    cpuSeconds: cpuSeconds,
                    percent: 100 * (cpuSeconds - usage.cpuSeconds) / elapsed
                )
            }
            return usage.percent
        }
    }
}
