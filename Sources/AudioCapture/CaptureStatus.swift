// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
import SampleRing
import Synchronization

/// What the capture thread tells the others. Readable by any thread at any time; nothing here ever waits for the
/// capture thread, and only the texts (``device``, ``lastError``, ``realTimeRefusal``) take a lock.
public final class CaptureStatus: Sendable {
    private let condition = Atomic(CaptureCondition.starting.rawValue)
    private let captured = Atomic<Int64>(0)
    private let lostByDevice = Atomic<Int64>(0)
    private let missing = Atomic<Int64>(0)
    private let overruns = Atomic<Int64>(0)
    private let lateness = Atomic<Int64>(0)
    private let lastSample = Atomic<Int64>(0)
    private let devices = Atomic<Int>(0)
    private let retry = Atomic<Int>(0)
    private let live = Atomic(true)
    private let finished = Atomic(false)
    private let over = Atomic(false)
    private let changes = Atomic(0)
    private let texts = Mutex(Texts())

    private struct Texts {
        var device = ""
        var lastError: CaptureError?
        var realTimeRefusal: String?
    }

    init() {}

    /// What capture is doing.
    public var state: CaptureCondition {
        let state = CaptureCondition(rawValue: condition.load(ordering: .acquiring)) ?? .starting
        // A file or a pipe may take its time.
        if !isLive { return state }
        return CaptureRecovery.seen(
            state,
            lastSample: lastSample.load(ordering: .relaxed),
            now: CaptureClock.nowNanoseconds()
        )
    }

    /// Samples at 16 kHz that the source delivered since the start, whether or not the ring had room.
    public var capturedSamples: Int64 { captured.load(ordering: .relaxed) }

    /// Samples at 16 kHz that the device itself reported as lost.
    public var lostByDeviceSamples: Int64 { lostByDevice.load(ordering: .relaxed) }

    /// Samples at 16 kHz for which no device delivered anything, reckoned from the clock: it was gone, suspended or
    /// stalled. Estimated, and never counted in ``lostByDeviceSamples``.
    public var missingSamples: Int64 { missing.load(ordering: .relaxed) }

    /// How late the newest samples were when they came, in samples at 16 kHz: the backlog of whoever delivers them.
    public var latenessSamples: Int64 { lateness.load(ordering: .relaxed) }

    /// How often the device reported a loss, also when it did not know of how many samples.
    public var deviceOverrunCount: Int64 { overruns.load(ordering: .relaxed) }

    /// In how many milliseconds a lost device is tried again; 0 when it is not.
    public var retryMilliseconds: Int { retry.load(ordering: .relaxed) }

    /// False for a source that waits until it is heard, such as a file: its sound does not grow old.
    public var isLive: Bool { live.load(ordering: .relaxed) }

    /// True once nothing more will come: the input ended or could not be read, or capture was stopped.
    public var isFinished: Bool { finished.load(ordering: .acquiring) }

    /// True while the source has come to its end, or could not be read, and another one may be chosen.
    public var isOver: Bool { over.load(ordering: .acquiring) }

    /// The device that is listened to. For `default` the one that it means at present.
    public var device: String { texts.withLock { $0.device } }

    /// Counts the changes of ``device``; does not take the lock.
    public var deviceChanges: Int { devices.load(ordering: .acquiring) }

    /// Counts how often another source was put in the place of the one before.
    public var sourceChanges: Int { changes.load(ordering: .acquiring) }

    /// Why the source that is listened to failed last, even if it works again by now.
    public var lastError: CaptureError? { texts.withLock { $0.lastError } }

    /// Why the thread has no real-time priority; nil if it has, or needs none. A note, not an error.
    public var realTimeRefusal: String? { texts.withLock { $0.realTimeRefusal } }

    // The capture thread's side.

    func note(_ recovery: CaptureRecovery) {
        retry.store(recovery.retryMilliseconds, ordering: .relaxed)
        lastSample.store(recovery.lastSample, ordering: .relaxed)
        condition.store(recovery.state.rawValue, ordering: .releasing)
    }

    func note(capturedSamples count: Int) {
        captured.store(captured.load(ordering: .relaxed) + Int64(count), ordering: .relaxed)
    }

    func note(lostByDevice count: Int) {
        overruns.store(overruns.load(ordering: .relaxed) + 1, ordering: .relaxed)
        lostByDevice.store(lostByDevice.load(ordering: .relaxed) + Int64(count), ordering: .relaxed)
    }

    func note(latenessNanoseconds: Int64) {
        lateness.store(latenessNanoseconds / CaptureClock.nanosecondsPerSample, ordering: .relaxed)
    }

    func note(missing count: Int64) {
        missing.store(missing.load(ordering: .relaxed) + count, ordering: .relaxed)
    }

    /// The audio clock: every sample since the start, lost and missing ones included.
    var position: Int64 { capturedSamples + lostByDeviceSamples + missingSamples }

    func note(_ source: any CaptureSource) {
        live.store(source.isLive, ordering: .relaxed)
        note(device: source.deviceName)
    }

    private func note(device: String) {
        let isNew = texts.withLock { texts in
            defer { texts.device = device }
            return texts.device != device
        }
        if isNew { devices.add(1, ordering: .acquiringAndReleasing) }
    }

    func noteSourceChange() { changes.add(1, ordering: .acquiringAndReleasing) }
    func note(isOver: Bool) { over.store(isOver, ordering: .releasing) }

    func note(error: CaptureError?) { texts.withLock { $0.lastError = error } }
    func note(realTimeRefusal: String) { texts.withLock { $0.realTimeRefusal = realTimeRefusal } }
    func noteFinished() { finished.store(true, ordering: .releasing) }
}
