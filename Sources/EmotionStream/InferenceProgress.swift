// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// What the inference thread has done, and the switch that ends it. Read from any thread.
public final class InferenceProgress: Sendable {
    private let consumedCount = Atomic<Int64>(0)
    private let cpuNanoseconds = Atomic<Int64>(0)
    private let skippedCount = Atomic<Int64>(0)
    private let turnCount = Atomic<UInt64>(0)
    private let stopping = Atomic<Bool>(false)

    /// Nothing done yet.
    public init() {}

    /// Samples that went through the network.
    public var consumedSamples: Int64 { consumedCount.load(ordering: .relaxed) }

    /// Samples that were popped and thrown away unheard, because they were stale or nobody may hear them.
    public var skippedSamples: Int64 { skippedCount.load(ordering: .relaxed) }

    /// How often the loop came round: at least ten times a second while the thread lives.
    public var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    /// CPU time of the inference thread so far, in seconds.
    public var cpuSeconds: Double { Double(cpuNanoseconds.load(ordering: .relaxed)) * 1e-9 }

    /// True once ``stop()`` was called.
    public var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// Asks the loop to end. It obeys at its next wake-up, 100 ms later at most.
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
