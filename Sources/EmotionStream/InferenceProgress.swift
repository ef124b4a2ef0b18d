// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Counters of the inference thread, and the switch that ends it. Any thread.
public final class InferenceProgress: Sendable {
    private let consumedCount = Atomic<Int64>(0)
    private let cpuNanoseconds = Atomic<Int64>(0)
    private let skippedCount = Atomic<Int64>(0)
    private let turnCount = Atomic<UInt64>(0)
    private let stopping = Atomic<Bool>(false)

    /// Counters at 0.
    public init() {}

    /// Samples analysed.
    public var consumedSamples: Int64 { consumedCount.load(ordering: .relaxed) }

    /// Samples popped and discarded without analysis, because they were stale or the microphone was muted or unused.
    public var skippedSamples: Int64 { skippedCount.load(ordering: .relaxed) }

    /// Turns of the loop: at least ten a second while the thread runs.
    public var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    /// CPU time of the inference thread so far, in seconds.
    public var cpuSeconds: Double { Double(cpuNanoseconds.load(ordering: .relaxed)) * 1e-9 }

    /// True once ``stop()`` was called.
    public var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// Requests the end of the loop, which ends at its next wake-up, at most 100 ms later.
    public func stop() { stopping.store(true, ordering: .relaxed) }

    func turned() { turnCount.add(1, ordering: .relaxed) }
    func skipped(_ count: Int64) { skippedCount.add(count, ordering: .relaxed) }

    /// Counts `count` samples and notes the calling thread's CPU time. Inference thread only.
    func consumed(_ count: Int) {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        cpuNanoseconds.store(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec), ordering: .relaxed)
        consumedCount.add(Int64(count), ordering: .relaxed)
    }
}
