// SPDX-License-Identifier: Apache-2.0
public import AudioCapture
public import EmotionEvents
public import EmotionStream
public import SampleRing

/// A microphone that is listened to: the capture thread, the ring, the inference thread.
///
///     device ─► capture thread ─► ring of samples ─► inference thread ─► ring of events ─► whoever made us
///
/// The daemon and `undertone listen` both use it, so that what a user tries by hand is what the daemon does.
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

    /// Prepares both threads; ``start()`` begins to listen. A missing device is a state, not an error.
    ///
    /// - Parameters:
    ///   - ringSeconds: how much sound may wait for the network before any is lost.
    ///   - outlivesSource: whether another source may follow when a file or pipe is over; without it both threads end.
    ///   - events: where the inference thread puts its events; abandoned when it has ended.
    ///   - eventsArrived: signalled after each of them.
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

    /// Begins to listen, once.
    public func start() {
        inference.start()
        capture.start()
    }

    /// Gives the device back, lets the network hear what is left in the ring, and waits until both threads have
    /// ended: half a second at most, or as long as the network needs for the ring.
    public func stop() {
        capture.stop()
        // With capture ended the loop empties the ring and ends by itself; a driver that hangs must not keep it.
        if !report.isFinished { progress.stop() }
        inference.join()
    }

    /// Closes the microphone and wipes what was heard, until ``unmute()``; whether anybody wants sound or not. Done when
    /// ``condition`` is `muted`: within a tenth of a second, or when a driver that hangs returns.
    public func mute() { capture.mute() }

    /// Whether the microphone is to be closed, even if a driver has not let go of it yet.
    public var isMuted: Bool { capture.isMuted }

    /// Listens again.
    public func unmute() { capture.unmute() }

    /// Whether anybody needs sound; without need the microphone is closed. True at first.
    public func want(_ isWanted: Bool) { capture.want(isWanted) }

    /// Closes the microphone and listens to another device.
    public func use(_ source: sending any CaptureSource) { capture.use(source) }

    /// Ends the utterance that is open and forgets everything heard so far.
    public func reset() { orders.reset() }

    /// Goes on with another model, or other thresholds; a `reloaded` event says from where on.
    ///
    /// - Parameter generation: a number for it, which that event will carry.
    public func replaceModel(with model: StreamModel, settings: StreamSettings, generation: UInt64) {
        orders.replacePipeline(
            with: EmotionPipeline(model, settings: settings, reportsLevels: true),
            generation: generation
        )
    }

    /// Frees the model that a `reloaded` event has said goodbye to: as large as the one that listens.
    public func releasePredecessor() { orders.releasePredecessor() }

    /// True when the network has heard the last sample, because the input ended or ``stop()`` was called.
    public var isFinished: Bool { inference.isFinished }
}

extension LiveListener {
    /// The device that is listened to. For `default` the one that it means at present.
    public var device: String { status.device }

    /// The state of capture and its counts, all at one moment.
    public var report: CaptureReport { capture.report }

    /// What capture is doing, as the protocol calls it.
    public var condition: CaptureCondition { report.condition }

    /// Samples captured since the start, 16 kHz; consumed, lost, or waiting in the ring.
    public var capturedSamples: Int64 { report.captured }

    /// Samples that went through the network.
    public var consumedSamples: Int64 { progress.consumedSamples }

    /// Captured samples that went through no network: there was no room in the ring, or they were skipped.
    public var lostSamples: Int64 { Int64(samples.lostCount) + progress.skippedSamples }

    /// Captured samples that wait for the network. Captured = consumed + lost + waiting, but for a block that is
    /// between two of these counters while somebody looks.
    public var waitingSamples: Int64 { Int64(samples.waitingCount) }

    /// Samples that never were captured: what the device lost, and the time in which it delivered nothing.
    public var missedSamples: Int64 {
        let report = report
        return report.lostByDevice + report.missing
    }

    /// The audio clock, in samples at 16 kHz: what was captured, and the time in which nothing could be.
    public var position: Int64 { report.position }

    /// How often the inference thread came round: at least ten times a second while it lives.
    public var turns: UInt64 { progress.turns }

    /// How old the newest captured sample is; nil before the first, and for a source whose sound has no age.
    public var audioAgeSeconds: Double? {
        let report = report
        return report.isLive ? capture.clock.ageSeconds(ofSample: report.position) : nil
    }

    /// CPU time of the inference thread divided by the duration of what went through it; 0 before the first sample.
    public var realTimeFactor: Double {
        let heardSeconds = Double(consumedSamples) / Double(audioClockRate)
        return heardSeconds > 0 ? progress.cpuSeconds / heardSeconds : 0
    }
}
