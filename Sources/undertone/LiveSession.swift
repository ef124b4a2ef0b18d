// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import EmotionStream
import Glibc
import LiveListening
import SampleRing
import ServiceRuntime

/// `undertone listen` on a microphone: uses the daemon's threads and prints on the calling thread.
struct LiveSession: ~Copyable {
    private static let longestSleepMilliseconds = 100

    private let listener: LiveListener
    private let eventsArrived: WakeSignal
    private var events: RingConsumer<EmotionEvent>
    private var batch = [EmotionEvent](repeating: .utteranceStarted(utterance: 0, sample: 0), count: 64)

    init(_ source: sending any CaptureSource, channel: ChannelChoice, model: StreamModel) throws {
        let eventsArrived = try WakeSignal()
        let ends = makeRing(of: EmotionEvent.self, minimumCapacity: 2_048)
        listener = try LiveListener(
            source: source,
            channel: channel,
            model: model,
            settings: model.settings,
            ringSeconds: 4,
            events: ends.producer,
            eventsArrived: eventsArrived
        )
        events = ends.consumer
        self.eventsArrived = eventsArrived
    }

    /// Prints until the input ends, Ctrl-C is pressed, or the reader of stdout closes it.
    ///
    /// - Throws: the error of a device that never worked; one that goes away later is waited for.
    mutating func run(_ printer: any EventPrinter) throws {
        var printer = printer
        let signals = SignalWatch([SIGINT, SIGTERM])
        listener.start()
        defer { listener.stop() }
        while !events.isFinished {
            try checkDevice()
            try printWaiting(&printer)
            if signals.hasArrived(SIGINT) || signals.hasArrived(SIGTERM) { try end(&printer) }
            _ = eventsArrived.wait(timeoutMilliseconds: Self.longestSleepMilliseconds)
        }
        try printer.finish()
    }

    /// Closes the utterance that is open, as the end of a recording would.
    private mutating func end(_ printer: inout any EventPrinter) throws {
        listener.stop()
        try printWaiting(&printer)
        try printer.finish()
        throw ProgramFailure(.interrupted, "")
    }

    private mutating func printWaiting(_ printer: inout any EventPrinter) throws {
        var count = 0
        repeat {
            count = pop(from: &events, into: &batch)
            for event in batch[..<count] { try printer.print(event) }
        } while count == batch.count
        let missed = events.takeLoss()
        if missed > 0 {
            StandardError.write("undertone: stdout was too slow, \(Plain.count(missed, "event")) missing\n")
        }
    }

    private func checkDevice() throws {
        guard listener.capturedSamples == 0, let error = listener.status.lastError else { return }
        throw error
    }
}

/// Takes events out of the ring. (Not in the method, since the compiler treats a span of `batch` as a use of the whole
/// session, which cannot be copied.)
private func pop(from events: inout RingConsumer<EmotionEvent>, into batch: inout [EmotionEvent]) -> Int {
    var span = batch.mutableSpan
    return events.pop(into: &span)
}
