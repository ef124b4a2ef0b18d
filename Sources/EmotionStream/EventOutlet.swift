// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
public import SampleRing

/// Output of the inference thread: a ring of events to the socket thread, and a signal that wakes it.
///
/// Stamps each estimate with the age of its last sample, which needs the live clock, and with the generation of the
/// model that made it. The inference thread never waits for the socket thread: levels and interim estimates may fill
/// half of the ring, and are counted as lost beyond that. The other half is for events that must not be lost.
/// When that is full, too, losses of audio, the state of capture and the generation are kept here and sent later.
///
/// - Thread: the inference thread only.
public final class EventOutlet {
    private var ring: RingProducer<EmotionEvent>
    private let arrived: WakeSignal
    private let clock: CaptureClock?
    private var generation: UInt64 = 0
    private var deferred = DeferredEvents()

    /// An outlet into `ring`; `clock` is nil if audio has no age, as in a file.
    public init(ring: consuming RingProducer<EmotionEvent>, arrived: WakeSignal, clock: CaptureClock?) {
        self.ring = ring
        self.arrived = arrived
        self.clock = clock
    }

    /// Sends one event. Never waits or allocates.
    public func send(_ event: EmotionEvent) {
        if case .reloaded(let generation) = event { self.generation = generation }
        sendDeferred()
        if event.isReplaceable {
            if deferred.isEmpty, ring.freeCount > ring.capacity / 2 {
                push(stamp(event))
            } else {
                ring.countLoss(of: 1)
            }
        } else if !deferred.isEmpty || ring.freeCount == 0 {
            if !deferred.keep(event) { ring.countLoss(of: 1) }
        } else {
            push(stamp(event))
        }
        arrived.signal()
    }

    /// Sends events that had no room before. Called once per turn of the loop, so that none waits for the next event.
    public func sendDeferred() {
        if deferred.isEmpty { return }
        while ring.freeCount > 0, let event = deferred.next() { push(event) }
        arrived.signal()
    }

    private func push(_ event: EmotionEvent) {
        let one = InlineArray<1, EmotionEvent>(repeating: event)
        _ = ring.push(one.span)
    }

    private func stamp(_ event: EmotionEvent) -> EmotionEvent {
        switch event {
        case .estimate(let estimate): .estimate(stamp(estimate))
        case .utteranceEnded(let utterance, let sample, let final):
            .utteranceEnded(utterance: utterance, sample: sample, final: stamp(final))
        default: event
        }
    }

    private func stamp(_ estimate: Estimate) -> Estimate {
        var estimate = estimate
        estimate.generation = generation
        if let clock {
            estimate.lagMilliseconds = Float((clock.ageSeconds(ofSample: estimate.endSample) ?? 0) * 1000)
        }
        return estimate
    }
}

/// Events that had no room in a full ring, merged where the newest replaces earlier ones. Never allocates.
struct DeferredEvents {
    private var losses = InlineArray<5, Overrun?>(repeating: nil)
    private var state: CaptureChange?
    private var generation: UInt64?

    var isEmpty: Bool {
        for index in losses.indices where losses[index] != nil { return false }
        return state == nil && generation == nil
    }

    /// Keeps `event`, or merges it with one of its kind; false for a kind that cannot be merged.
    mutating func keep(_ event: EmotionEvent) -> Bool {
        switch event {
        case .overrun(var loss):
            let index = Int(loss.cause.rawValue)
            if let earlier = losses[index] { loss.sampleCount += earlier.sampleCount }
            losses[index] = loss
        case .state(let change): state = change
        case .reloaded(let number): generation = number
        default: return false
        }
        return true
    }

    /// The next event to send: a model change first, since later events come from the new model.
    mutating func next() -> EmotionEvent? {
        if let number = generation.take() { return .reloaded(generation: number) }
        for index in losses.indices {
            if let loss = losses[index].take() { return .overrun(loss) }
        }
        return state.take().map { .state($0) }
    }
}

extension EmotionEvent {
    /// True for events that the next one of their kind replaces.
    fileprivate var isReplaceable: Bool {
        switch self {
        case .estimate(let estimate): !estimate.isFinal
        case .level: true
        default: false
        }
    }
}
