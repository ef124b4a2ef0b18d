// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
public import SampleRing

/// What the inference thread must know of capture, read once a wake-up. Any thread; must not allocate or block.
public struct CaptureReport: BitwiseCopyable, Sendable {
    /// The state of capture.
    public var condition: CaptureCondition
    /// Samples that the device itself reported as lost so far.
    public var lostByDevice: Int64
    /// When a lost device is tried again, in milliseconds; 0 when it is not.
    public var retryMilliseconds: Int
    /// True when no more samples will come: the file ended.
    public var isFinished: Bool

    /// A report from its parts.
    public init(
        condition: CaptureCondition,
        lostByDevice: Int64 = 0,
        retryMilliseconds: Int = 0,
        isFinished: Bool = false
    ) {
        self.condition = condition
        self.lostByDevice = lostByDevice
        self.retryMilliseconds = retryMilliseconds
        self.isFinished = isFinished
    }
}

/// The inference thread's work: sleep until samples arrive, pop them, step the pipeline, hand over the events.
///
/// - Thread: ``run()`` on the inference thread; `progress` from any. Nothing is allocated once it runs.
public struct InferenceLoop: ~Copyable {
    private static let longestSleepMilliseconds = 100

    private var pipeline: EmotionPipeline
    private var samples: SampleConsumer
    private let samplesArrived: WakeSignal
    private let outlet: EventOutlet
    private let capture: @Sendable () -> CaptureReport
    private let progress: InferenceProgress
    private var buffer = [Float](repeating: 0, count: 1600)
    private var watch = CaptureWatch()

    /// A loop that takes from `samples`, asks `capture` how the device is, and gives its events to `outlet`.
    public init(
        pipeline: consuming EmotionPipeline,
        samples: consuming SampleConsumer,
        samplesArrived: WakeSignal,
        outlet: EventOutlet,
        progress: InferenceProgress,
        capture: @escaping @Sendable () -> CaptureReport
    ) {
        self.pipeline = pipeline
        self.samples = samples
        self.samplesArrived = samplesArrived
        self.outlet = outlet
        self.progress = progress
        self.capture = capture
    }

    /// Runs until the input is finished or `progress.stop()` is called, then closes the utterance that is open.
    public mutating func run() {
        let outlet = self.outlet
        while !progress.isStopping {
            let report = capture()
            watch.step(report, lostInRing: Int64(samples.takeLoss()), at: pipeline.position) {
                outlet.send($0)
            }
            pipeline.skip(lostSamples: watch.newlyLost)
            let count = Self.pop(from: &samples, into: &buffer)
            if count > 0 {
                Self.infer(&pipeline, buffer, count, outlet)
                progress.consumed(count)
            } else if report.isFinished {
                break
            } else {
                _ = samplesArrived.wait(timeoutMilliseconds: Self.longestSleepMilliseconds)
            }
        }
        pipeline.finish { outlet.send($0) }
    }

    private static func pop(from samples: inout SampleConsumer, into buffer: inout [Float]) -> Int {
        var span = buffer.mutableSpan
        return samples.pop(into: &span)
    }

    private static func infer(
        _ pipeline: inout EmotionPipeline,
        _ buffer: [Float],
        _ count: Int,
        _ outlet: EventOutlet
    ) {
        pipeline.step(buffer.span.extracting(first: count)) { outlet.send($0) }
    }
}
