// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
public import SampleRing

/// Where the inference thread puts its events: a ring to the socket thread, and a signal that wakes it.
///
/// Stamps each estimate with the age of its last sample, which only the live clock knows. When the ring is full the
/// event is counted as lost there; the inference thread never waits for a reader.
///
/// - Thread: `send` on the inference thread only.
public final class EventOutlet {
    private var ring: RingProducer<EmotionEvent>
    private let arrived: WakeSignal
    private let clock: CaptureClock?

    /// An outlet into `ring`; `clock` is nil where audio has no age, as in a file.
    public init(ring: consuming RingProducer<EmotionEvent>, arrived: WakeSignal, clock: CaptureClock?) {
        self.ring = ring
        self.arrived = arrived
        self.clock = clock
    }

    /// Hands over one event. Never waits, never allocates.
    public func send(_ event: EmotionEvent) {
        let stamped = InlineArray<1, EmotionEvent>(repeating: stamp(event))
        _ = ring.push(stamped.span)
        arrived.signal()
    }

    private func stamp(_ event: EmotionEvent) -> EmotionEvent {
        guard let clock else { return event }
        switch event {
        case .estimate(let estimate):
            return .estimate(stamp(estimate, clock))
        case .utteranceEnded(let utterance, let sample, let final):
            return .utteranceEnded(utterance: utterance, sample: sample, final: stamp(final, clock))
        default: return event
        }
    }

    private func stamp(_ estimate: Estimate, _ clock: CaptureClock) -> Estimate {
        var estimate = estimate
        estimate.lagMilliseconds = Float((clock.ageSeconds(ofSample: estimate.endSample) ?? 0) * 1000)
        return estimate
    }
}
