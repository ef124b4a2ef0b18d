// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import SampleRing
import Synchronization

/// Reports of the capture thread: a snapshot of numbers, and a few texts.
///
/// - Thread: readable by any thread at any time. The snapshot takes no lock, and only the texts (``device``,
///   ``lastError``, ``realTimeRefusal``) do.
public final class CaptureStatus: Sendable {
    private let snapshot = SnapshotCell(CaptureReport(condition: .starting))
    private let texts = Mutex(Texts())

    private struct Texts {
        var device = ""
        var lastError: CaptureError?
        var realTimeRefusal: String?
    }

    init() {}

    /// The device that is captured from. For `default` the one that it means at present.
    public var device: String { texts.withLock { $0.device } }

    /// The last failure of the present source, even if it works again by now.
    public var lastError: CaptureError? { texts.withLock { $0.lastError } }

    /// The reason why the thread has no real-time priority; nil if it has, or needs none. A note, not an error.
    public var realTimeRefusal: String? { texts.withLock { $0.realTimeRefusal } }

    /// The newest snapshot. It does not know whether the owner wants the microphone closed; ``CaptureThread/report`` does.
    var report: CaptureReport {
        var report = snapshot.load()
        // A file or a pipe may take its time.
        if report.isLive {
            let now = CaptureClock.nowNanoseconds()
            report.condition = CaptureRecovery.seen(
                report.condition,
                lastSample: report.lastArrival,
                now: now
            )
        }
        return report
    }

    // The capture thread's side; also the owner's, while there is no such thread.

    /// The audio clock.
    var position: Int64 { snapshot.load().position }

    /// Publishes a snapshot that differs from the one before by `change`.
    func update(_ change: (inout CaptureReport) -> Void) {
        var report = snapshot.load()
        change(&report)
        snapshot.store(report)
    }

    /// Publishes the name and the kind of the source.
    func update(to source: any CaptureSource) {
        let device = source.deviceName
        let isNew = texts.withLock { texts in
            defer { texts.device = device }
            return texts.device != device
        }
        // After the text: a thread that sees the count sees the name that goes with it.
        update {
            $0.isLive = source.isLive
            if isNew { $0.deviceChanges += 1 }
        }
    }

    func setLastError(_ error: CaptureError?) { texts.withLock { $0.lastError = error } }
    func setRealTimeRefusal(_ refusal: String) { texts.withLock { $0.realTimeRefusal = refusal } }
}
