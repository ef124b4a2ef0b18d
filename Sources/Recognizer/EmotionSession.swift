// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream

/// Incremental recognition of one stream of samples.
///
///     var session = recognizer.makeSession(sampleRate: 48_000)
///     session.process(buffer) { event in
///         if case .estimate(let estimate) = event { print(estimate) }
///     }
///
/// Events do not depend on how the stream is split into buffers. Times count seconds from the first sample.
///
/// - Thread: one at a time. A session may move from thread to thread.
/// - Memory: everything is allocated by ``EmotionRecognizer/makeSession(sampleRate:)``. `process`, ``finish(_:)`` and
///   ``reset()`` allocate nothing after the first call, so they may be called from a real-time audio thread that can afford
///   their time: one network step every 40 ms of audio.
public struct EmotionSession: ~Copyable, Sendable {
    /// Samples per second of the buffers.
    public let sampleRate: Int
    let isSupported: Bool
    private let names: ModelNames
    private var intake: SampleIntake
    private var pipeline: EmotionPipeline

    init(_ model: StreamModel, _ names: ModelNames, sampleRate: Int) {
        self.sampleRate = sampleRate
        self.names = names
        intake = SampleIntake(sampleRate: sampleRate)
        isSupported = intake.isSupported
        pipeline = EmotionPipeline(model)
    }

    /// Audio received so far, in seconds.
    public var receivedSeconds: Double { seconds(intake.count) }

    /// Processes the next samples and reports the resulting events, in order, before it returns.
    ///
    /// - Parameters:
    ///   - samples: one channel, full scale -1...1, any number of them. NaN, infinite and extremely large samples count as 0.
    ///   - report: called on this thread for each event.
    public mutating func process(_ samples: [Float], _ report: (SpeechEvent) -> Void) {
        process(samples.span, report)
    }

    /// Processes samples that are not in an array, such as the buffer of an audio callback.
    public mutating func process(_ samples: Span<Float>, _ report: (SpeechEvent) -> Void) {
        guard isSupported else {
            return report(.estimate(EmotionEstimate(names, reason: .unsupportedSampleRate)))
        }
        let names = names
        step(samples) { SpeechEvent.report($0, names, report) }
    }

    /// Ends the stream: an utterance that is still open gets its final estimate.
    ///
    /// Call ``reset()`` before the session is used for another stream.
    public mutating func finish(_ report: (SpeechEvent) -> Void) {
        let names = names
        end { SpeechEvent.report($0, names, report) }
    }

    /// Clears the stream and its voices; times start again at 0 seconds.
    public mutating func reset() {
        intake.reset()
        pipeline.reset()
    }

    mutating func step(_ samples: Span<Float>, _ emit: (EmotionEvent) -> Void) {
        Self.step(samples, from: &intake, to: &pipeline, emit)
    }

    mutating func end(_ emit: (EmotionEvent) -> Void) {
        Self.end(&intake, to: &pipeline, emit)
        pipeline.finish(emit)
    }

    // Static, since a closure over `self` cannot use one part of it while another part is modified.
    private static func step(
        _ samples: Span<Float>,
        from intake: inout SampleIntake,
        to pipeline: inout EmotionPipeline,
        _ emit: (EmotionEvent) -> Void
    ) {
        intake.step(samples) { pipeline.step($0, emit) }
    }

    private static func end(
        _ intake: inout SampleIntake,
        to pipeline: inout EmotionPipeline,
        _ emit: (EmotionEvent) -> Void
    ) {
        intake.finish { pipeline.step($0, emit) }
    }
}
