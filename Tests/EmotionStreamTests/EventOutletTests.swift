// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import SampleRing
import Testing

/// The inference thread's end of the ring of events while the socket thread takes nothing.
@Suite struct EventOutletTests {
    /// An outlet into a ring that starts empty, and the other end of that ring.
    private final class Ends {
        var consumer: RingConsumer<EmotionEvent>?
        var outlet: EventOutlet?

        init(capacity: Int) throws {
            let arrived = try WakeSignal()
            let ends = makeRing(of: EmotionEvent.self, minimumCapacity: capacity)
            outlet = EventOutlet(ring: ends.producer, arrived: arrived, clock: nil)
            consumer = consume ends.consumer
        }

        func take() -> [EmotionEvent] {
            var batch = [EmotionEvent](repeating: .reloaded(generation: 0), count: 256)
            var span = batch.mutableSpan
            let count = consumer?.pop(into: &span) ?? 0
            return Array(batch[..<count])
        }
    }

    private func level(_ number: Int) -> EmotionEvent {
        .level(
            SoundLevel(
                levelDecibels: -20,
                peakDecibels: -9,
                isClipping: false,
                speechProbability: 0,
                sample: Int64(number)
            )
        )
    }

    private func final(_ utterance: UInt64) throws -> EmotionEvent {
        let model = try PipelineTests.model.get()
        let estimate = Estimate(
            sequence: utterance,
            utterance: utterance,
            revision: 1,
            isFinal: true,
            startSample: 0,
            endSample: 1,
            wallNanoseconds: 0,
            verdict: .label(0),
            probabilities: ClassProbabilities(uniformOver: model.labels.count),
            heardMilliseconds: 500,
            stable: nil,
            quality: SoundQuality(levelDecibels: -20, signalToNoiseDecibels: 20, isClipping: false),
            lagMilliseconds: 0
        )
        return .utteranceEnded(utterance: utterance, sample: 1, final: estimate)
    }

    @Test func aFloodOfLevelsCrowdsOutNoEventThatMatters() throws {
        let ends = try Ends(capacity: 64)
        let outlet = try #require(ends.outlet)
        for number in 0..<1_000 { outlet.send(level(number)) }
        outlet.send(.state(CaptureChange(condition: .lost, sample: 1)))
        outlet.send(.overrun(Overrun(sampleCount: 5, cause: .ringFull, totalCount: 5, sample: 1)))
        outlet.send(.reloaded(generation: 3))
        outlet.send(try final(9))
        let seen = ends.take().dropFirst(32)
        #expect(seen.count == 4)
        guard case .utteranceEnded(_, _, let final)? = seen.last else {
            Issue.record("the final estimate is missing")
            return
        }
        #expect(final.generation == 3)
        #expect(ends.consumer?.takeLoss() == 968)
    }

    @Test func evenAFullRingLosesNoSampleCountNoStateAndNoModel() throws {
        let ends = try Ends(capacity: 16)
        let outlet = try #require(ends.outlet)
        for number in 0..<16 { outlet.send(try final(UInt64(number))) }
        for generation in 1...40 {
            outlet.send(.reloaded(generation: UInt64(generation)))
            outlet.send(
                .overrun(Overrun(sampleCount: 5, cause: .stale, totalCount: Int64(5 * generation), sample: 1))
            )
            outlet.send(
                .overrun(
                    Overrun(sampleCount: 7, cause: .outage, totalCount: Int64(7 * generation), sample: 1)
                )
            )
            outlet.send(.state(CaptureChange(condition: generation == 40 ? .muted : .open, sample: 1)))
        }
        #expect(ends.take().count == 16)
        outlet.sendDeferred()
        var losses: [Overrun.Cause: Int64] = [:]
        var generation: UInt64?
        var condition: CaptureCondition?
        for event in ends.take() {
            switch event {
            case .overrun(let loss): losses[loss.cause, default: 0] += loss.sampleCount
            case .reloaded(let number): generation = number
            case .state(let change): condition = change.condition
            default: break
            }
        }
        #expect(losses == [.stale: 200, .outage: 280] && generation == 40 && condition == .muted)
    }
}
