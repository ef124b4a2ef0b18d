// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import EmotionEvents
import EmotionStream
import Foundation
import SampleRing
import Synchronization
import TestSupport

/// Environment of an inference loop: the test acts as the device and reads the events.
final class Stage: @unchecked Sendable {
    // SAFETY: `samples` and `events` belong to the test's thread; the loop's own thread has the other ends.
    let progress = InferenceProgress()
    let orders = InferenceOrders()
    private(set) var handedOver: Int64 = 0
    private(set) var hasEnded = false
    private let capture = Mutex(CaptureReport(condition: .open))
    private let samplesArrived: WakeSignal
    private var samples: SampleProducer?
    private var events: RingConsumer<EmotionEvent>?
    private var loop: InferenceLoop?
    private var seen: [EmotionEvent] = []

    init() throws {
        let samplesArrived = try WakeSignal()
        let eventsArrived = try WakeSignal()
        self.samplesArrived = samplesArrived
        let model = try PipelineTests.model.get()
        let eventEnds = makeRing(of: EmotionEvent.self, minimumCapacity: 4_096)
        let sampleEnds = makeRing(of: Float.self, minimumCapacity: 1 << 16)
        events = consume eventEnds.consumer
        samples = consume sampleEnds.producer
        loop = InferenceLoop(
            pipeline: EmotionPipeline(model),
            samples: sampleEnds.consumer,
            samplesArrived: samplesArrived,
            outlet: EventOutlet(ring: eventEnds.producer, arrived: eventsArrived, clock: nil),
            progress: progress,
            orders: orders,
            capture: { [unowned self] in capture.withLock { $0 } }
        )
    }

    func report(_ change: (inout CaptureReport) -> Void) { capture.withLock { change(&$0) } }
    var lastReport: CaptureReport { capture.withLock { $0 } }

    /// Pushes faint noise.
    func push(seconds: Double) {
        push((0..<Int(seconds * 16_000)).map { Float($0 % 7) * 1e-4 })
    }

    /// Pushes the beginning of a recording.
    func push(speechSeconds: Double) throws {
        let clip = try AudioClip(path: Fixtures.speech[0].path)
        push(Array(clip.samples.prefix(Int(speechSeconds * 16_000))))
    }

    private func push(_ sound: [Float]) {
        _ = samples?.push(sound.span)
        handedOver += Int64(sound.count)
        samplesArrived.signal()
    }

    /// True when every pushed sample is analysed or discarded.
    var isDrained: Bool { samples?.freeCount == samples?.capacity }

    /// Runs the loop until `isDone`, which is checked a hundred times a second, and returns all events.
    func run(until isDone: () -> Bool) -> [EmotionEvent] {
        let thread = Thread { [self] in
            loop?.run()
            done.signal()
        }
        thread.start()
        let deadline = Date() + 60
        repeat {
            Thread.sleep(forTimeInterval: 0.01)
            collect()
        } while !isDone() && Date() < deadline
        // One more turn, for the events of the last samples.
        let turns = progress.turns
        while progress.turns < turns + 2 && Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
        progress.stop()
        samplesArrived.signal()
        done.wait()
        collect()
        return seen
    }

    private let done = DispatchSemaphore(value: 0)

    private func collect() {
        var batch = [EmotionEvent](repeating: .utteranceStarted(utterance: 0, sample: 0), count: 256)
        var count = 0
        repeat {
            var span = batch.mutableSpan
            count = events?.pop(into: &span) ?? 0
            seen += batch[..<count]
        } while count == batch.count
        hasEnded = hasEnded || seen.contains { if case .utteranceEnded = $0 { true } else { false } }
    }
}
