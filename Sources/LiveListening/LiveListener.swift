// SPDX-License-Identifier: Apache-2.0
public import AudioCapture
public import EmotionEvents
public import EmotionStream
public import SampleRing

/// Live analysis of a microphone: the capture thread, the ring and the inference thread.
///
///     device ─► capture thread ─► ring of samples ─► inference thread ─► ring of events ─► owner
///
/// The daemon and `undertone listen` both use it, so that they behave the same.
///
/// - Thread: all methods and properties from any thread.
public final class LiveListener: Sendable {
    /// The device and its troubles, as texts.
    public var status: CaptureStatus { capture.status }
    private let capture: CaptureThread
    private let inference: InferenceThread
    private let progress = InferenceProgress()
    private let orders = InferenceOrders()
    private let samples: RingCounters

    /// Prepares both threads; ``start()`` starts them. A missing device is a state, not an error.
    ///
    /// - Parameters:
    ///   - ringSeconds: seconds of audio that may wait for the network before samples are lost.
    ///   - outlivesSource: true if another source may follow after the end of a file or pipe; if false, both
    ///     threads end.
    ///   - events: ring for the events of the inference thread; abandoned when the thread has ended.
    ///   - eventsArrived: signalled after each event.
    /// - Throws: `WakeSignalError` when the process has no file descriptor left.
    public init(
        source: sending any CaptureSource,
        channel: ChannelChoice,
        model: StreamModel,
        settings: StreamSettings,
        ringSeconds: Double,
        outlivesSource: Bool = false,
        events: consuming RingProducer<EmotionEvent>,
        eventsArrived: WakeSignal
    ) throws {
        let samplesArrived = try WakeSignal()
        let ends = makeRing(of: Float.self, minimumCapacity: Int(ringSeconds * Double(audioClockRate)))
        samples = ends.consumer.counters
        let capture = CaptureThread(
            source: source,
            channel: channel,
            outlivesSource: outlivesSource,
            samples: ends.producer,
            samplesArrived: samplesArrived
        )
        let loop = InferenceLoop(
            pipeline: EmotionPipeline(model, settings: settings, reportsLevels: true),
            samples: ends.consumer,
            samplesArrived: samplesArrived,
            outlet: EventOutlet(ring: events, arrived: eventsArrived, clock: capture.clock),
            progress: progress,
            orders: orders,
            capture: { capture.report }
        )
        self.capture = capture
        inference = InferenceThread(loop)
    }

    /// Starts both threads; call it once.
    public func start() {
        inference.start()
        capture.start()
    }

    /// Closes the device, analyses the samples that are left in the ring, and waits until both threads have
    /// ended: half a second at most, or as long as the network needs for the ring.
    public func stop() {
        capture.stop()
        // With capture ended the loop empties the ring and ends by itself; a driver that hangs must not keep it.
        if !report.isFinished { progress.stop() }
        inference.join()
    }

    /// Closes the microphone and wipes the captured audio, until ``unmute()``, even if clients need sound.
    /// Complete when ``condition`` is `muted`: within a tenth of a second, or when a driver that hangs
    /// returns.
    public func mute() { capture.mute() }

    /// True if mute was requested, even if a driver has not closed the microphone yet.
    public var isMuted: Bool { capture.isMuted }

    /// Opens the microphone again.
    public func unmute() { capture.unmute() }

    /// Sets if a client needs sound; otherwise the microphone is closed. True at first.
    public func want(_ isWanted: Bool) { capture.want(isWanted) }

    /// Closes the microphone and opens another device.
    public func use(_ source: sending any CaptureSource) { capture.use(source) }

    /// Ends the present utterance and discards all state of the audio so far.
    public func reset() { orders.reset() }

    /// Continues with another model or other thresholds; a `reloaded` event marks the position.
    ///
    /// - Parameter generation: number of the model, which that event carries.
    public func replaceModel(with model: StreamModel, settings: StreamSettings, generation: UInt64) {
        orders.replacePipeline(
            with: EmotionPipeline(model, settings: settings, reportsLevels: true),
            generation: generation
        )
    }

    /// Frees the replaced model once its `reloaded` event is delivered; it is as large as the present one.
    public func releasePredecessor() { orders.releasePredecessor() }

    /// True when the network has processed the last sample, because the input ended or ``stop()`` was called.
    public var isFinished: Bool { inference.isFinished }
}

extension LiveListener {
    /// Present device. For `default`, the device that is the default now.
    public var device: String { status.device }

    /// The state of capture and its counts, all at one moment.
    public var report: CaptureReport { capture.report }

    /// Capture state, in the words of the protocol.
    public var condition: CaptureCondition { report.condition }

    /// Samples captured since the start, 16 kHz; consumed, lost, or waiting in the ring.
    public var capturedSamples: Int64 { report.captured }

    /// Samples that the network has processed.
    public var consumedSamples: Int64 { progress.consumedSamples }

    /// Captured samples that the network did not process: the ring had no room, or they were skipped.
    public var lostSamples: Int64 { Int64(samples.lostCount) + progress.skippedSamples }

    /// Captured samples that wait for the network. Captured = consumed + lost + waiting, except for a block
    /// that is between two of these counters at the time of reading.
    public var waitingSamples: Int64 { Int64(samples.waitingCount) }

    /// Samples that never were captured: what the device lost, and the time in which it delivered nothing.
    public var missedSamples: Int64 {
        let report = report
        return report.lostByDevice + report.missing
    }

    /// The audio clock, in samples at 16 kHz: what was captured, and the time in which nothing could be.
    public var position: Int64 { report.position }

    /// Number of turns of the inference loop: at least ten per second while it runs.
    public var turns: UInt64 { progress.turns }

    /// Age of the newest captured sample; nil before the first one, and for a source that is not live.
    public var audioAgeSeconds: Double? {
        let report = report
        return report.isLive ? capture.clock.ageSeconds(ofSample: report.position) : nil
    }

    /// CPU time of the inference thread divided by the duration of the processed audio; 0 before the first
    /// sample.
    public var realTimeFactor: Double {
        let heardSeconds = Double(consumedSamples) / Double(audioClockRate)
        return heardSeconds > 0 ? progress.cpuSeconds / heardSeconds : 0
    }
}
