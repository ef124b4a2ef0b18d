// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
public import SampleRing

/// Loop of the inference thread: sleeps until samples arrive, pops them, steps the pipeline and sends the events.
///
/// - Thread: ``run()`` on the inference thread; progress and orders from any. Nothing is allocated once it runs.
public struct InferenceLoop: ~Copyable {
    private static let longestSleepMilliseconds = 100
    /// Audio older than this is dropped, so clients never get a stale estimate.
    private static let staleSamples = Int64(2 * audioClockRate)
    /// Part of a backlog that is kept when the rest is skipped: enough for the next word.
    private static let keptSamples = audioClockRate / 4

    private var pipeline: EmotionPipeline
    private var samples: SampleConsumer
    private let samplesArrived: WakeSignal
    private let outlet: EventOutlet
    private let capture: @Sendable () -> CaptureReport
    private let progress: InferenceProgress
    private let orders: InferenceOrders
    private var buffer = [Float](repeating: 0, count: 1600)
    private var watch = CaptureWatch()

    /// A loop that reads `samples`, polls the device state from `capture`, and sends events to `outlet`.
    public init(
        pipeline: consuming EmotionPipeline,
        samples: consuming SampleConsumer,
        samplesArrived: WakeSignal,
        outlet: EventOutlet,
        progress: InferenceProgress,
        orders: InferenceOrders = InferenceOrders(),
        capture: @escaping @Sendable () -> CaptureReport
    ) {
        self.pipeline = pipeline
        self.samples = samples
        self.samplesArrived = samplesArrived
        self.outlet = outlet
        self.progress = progress
        self.orders = orders
        self.capture = capture
    }

    /// Runs until the input is finished or `progress.stop()` is called, then ends the current utterance and
    /// overwrites all audio in memory.
    public mutating func run() {
        while !progress.isStopping && turn() {}
        let outlet = self.outlet
        pipeline.finish { outlet.send($0) }
        watch.flush { outlet.send($0) }
        outlet.sendDeferred()
        pipeline.reset()
        wipeBuffer()
    }

    /// Processes pending work, or sleeps; false at the end of the input.
    private mutating func turn() -> Bool {
        progress.turned()
        outlet.sendDeferred()
        obey()
        // Reads the report before the samples, so samples from before a change of state are available when it is seen.
        let report = capture()
        account(for: report)
        if report.wantsNothing {
            discard(samples.availableCount, .muted)
        } else if report.isLive {
            skipBacklog(behind: report.lateness)
        }
        if hear() { return true }
        if report.isFinished { return false }
        if !report.condition.hasSound { breakOff() }
        _ = samplesArrived.wait(timeoutMilliseconds: Self.longestSleepMilliseconds)
        return true
    }

    private mutating func obey() {
        let outlet = self.outlet
        if orders.takeReset() { breakOff() }
        guard orders.willExchange else { return }
        breakOff()
        if let generation = orders.exchange(&pipeline) { outlet.send(.reloaded(generation: generation)) }
    }

    private mutating func account(for report: CaptureReport) {
        let outlet = self.outlet
        watch.step(
            report,
            lostInRing: Int64(samples.takeLoss()),
            at: pipeline.position,
            now: CaptureClock.nowNanoseconds()
        ) { outlet.send($0) }
        // A short gap is skipped; after a long one, earlier audio no longer describes the current utterance.
        if watch.newlyLost >= Int64(audioClockRate) { breakOff(keepingVoices: true) }
        pipeline.skip(lostSamples: watch.newlyLost)
    }

    /// Steps the pipeline by the available samples; false if there are none.
    private mutating func hear() -> Bool {
        let count = Self.pop(from: &samples, into: &buffer)
        if count == 0 { return false }
        Self.step(&pipeline, by: buffer, count: count, outlet)
        progress.consumed(count)
        return true
    }

    // These two are static, since the compiler treats a span of `buffer` as a use of all of `self`, which is
    // noncopyable.

    private static func pop(from samples: inout SampleConsumer, into buffer: inout [Float]) -> Int {
        var span = buffer.mutableSpan
        return samples.pop(into: &span)
    }

    private static func step(
        _ pipeline: inout EmotionPipeline,
        by buffer: [Float],
        count: Int,
        _ outlet: EventOutlet
    ) {
        pipeline.step(buffer.span.extracting(first: count)) { outlet.send($0) }
    }
}

extension InferenceLoop {
    /// Skips waiting samples if the oldest is too old; `lateness` is the age at which the newest arrived.
    private mutating func skipBacklog(behind lateness: Int64) {
        let waiting = samples.availableCount
        guard lateness + Int64(waiting) > Self.staleSamples else { return }
        discard(lateness > Self.staleSamples ? waiting : waiting - Self.keptSamples, .stale)
    }

    /// Discards the oldest `count` waiting samples and reports the loss.
    private mutating func discard(_ count: Int, _ cause: Overrun.Cause) {
        guard count > 0 else { return }
        breakOff(keepingVoices: cause == .stale)
        let skipped = Int64(samples.skip(count))
        let outlet = self.outlet
        watch.lose(skipped, cause, at: pipeline.position, now: CaptureClock.nowNanoseconds()) {
            outlet.send($0)
        }
        progress.skipped(skipped)
        pipeline.skip(lostSamples: skipped)
    }

    /// Ends the current utterance with its final estimate and clears the analysis state, including the voices unless
    /// audio was only lost.
    private mutating func breakOff(keepingVoices: Bool = false) {
        defer { if !keepingVoices { pipeline.forgetVoices() } }
        guard pipeline.hasHeard else { return }
        let outlet = self.outlet
        pipeline.breakOff(keepingVoices: keepingVoices) { outlet.send($0) }
        wipeBuffer()
    }

    private mutating func wipeBuffer() {
        for index in buffer.indices { buffer[index] = 0 }
    }
}

extension CaptureReport {
    /// True if waiting samples must be discarded: the microphone is muted, or no client needs sound.
    fileprivate var wantsNothing: Bool {
        isMuted || condition == .muted || condition == .idle && !isFinished && !isOver
    }
}
