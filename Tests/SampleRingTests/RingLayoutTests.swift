// SPDX-License-Identifier: Apache-2.0
import SampleRing
import TestSupport
import Testing

/// A ring in every possible position, compared with a plain array.
@Suite struct RingLayoutTests {
    @Test(arguments: [1, 2, 4, 8])
    func everySmallLayoutReturnsItsElements(capacity: Int) {
        var failures: [String] = []
        for start in 0...2 * capacity {
            for pushed in 0...capacity + 2 {
                for asked in 0...capacity + 2 {
                    let layout = Layout(capacity: capacity, start: start, pushed: pushed, asked: asked)
                    failures += layout.failures()
                }
            }
        }
        #expect(failures.isEmpty, "\(failures.prefix(5))")
    }

    @Test func capacityIsRoundedUpToAPowerOfTwo() {
        let capacities = [1, 2, 3, 4, 5, 1000, 1024, 32_000].map { minimum in
            makeRing(of: Float.self, minimumCapacity: minimum).producer.capacity
        }
        #expect(capacities == [1, 2, 4, 4, 8, 1024, 1024, 32_768])
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func randomOperationsBehaveAsOnAQueue(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let capacity = 1 << Int.random(in: 0...6, using: &random)
        let ends = makeRing(of: Int.self, minimumCapacity: capacity)
        var producer = ends.producer
        var consumer = ends.consumer
        var model: [Int] = []
        var next = 0
        var lost = 0
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...capacity + 3, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let accepted = producer.push(Array(next..<next + count).span)
                model += next..<next + accepted
                lost += count - accepted
                next += count
            case 2:
                let skipped = consumer.skip(count)
                #expect(skipped == min(count, model.count))
                model.removeFirst(min(count, model.count))
            default:
                let popped = consumer.take(count)
                #expect(popped == Array(model.prefix(count)))
                model.removeFirst(popped.count)
            }
            let (available, free) = (consumer.availableCount, producer.freeCount)
            #expect(available == model.count)
            #expect(free == capacity - model.count)
            let counted = producer.counters.lostCount
            #expect(counted == lost)
        }
    }
}

/// A ring of `capacity` after `start` elements went through it, then one push and one pop.
private struct Layout {
    let capacity, start, pushed, asked: Int

    func failures() -> [String] {
        let ends = makeRing(of: Int.self, minimumCapacity: capacity)
        var producer = ends.producer
        var consumer = ends.consumer
        for element in 0..<start {
            _ = producer.push([element].span)
            _ = consumer.take(1)
        }
        let elements = Array(start..<start + pushed)
        let accepted = producer.push(elements.span)
        let popped = consumer.take(asked)
        let rest = consumer.take(capacity)
        var wrong: [String] = []
        if accepted != min(pushed, capacity) { wrong.append("\(self): accepted \(accepted)") }
        if popped != Array(elements.prefix(min(accepted, asked))) { wrong.append("\(self): \(popped)") }
        if popped + rest != Array(elements.prefix(accepted)) { wrong.append("\(self): rest \(rest)") }
        if consumer.takeLoss() != pushed - accepted { wrong.append("\(self): loss") }
        return wrong
    }
}

extension RingConsumer {
    /// Pops at most `count` elements into a new array.
    mutating func take(_ count: Int) -> [Element] where Element == Int {
        var elements = [Int](repeating: -1, count: count)
        var span = elements.mutableSpan
        let popped = pop(into: &span)
        return Array(elements.prefix(popped))
    }
}
