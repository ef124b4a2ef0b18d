// SPDX-License-Identifier: Apache-2.0
import Foundation
import SampleRing
import Synchronization
import TestSupport
import Testing

/// Two real threads; most useful under ThreadSanitizer.
@Suite struct RingThreadTests {
    @Test(arguments: [1, 2, 16, 1024])
    func everyElementArrivesInOrder(capacity: Int) {
        let total = 100_000
        let (received, mistakes) = run(capacity: capacity, total: total) { producer, piece in
            var sent = 0
            while sent < piece.count {
                let accepted = producer.offer(piece.span.extracting(sent...))
                if accepted == 0 { sched_yield() }
                sent += accepted
            }
        }
        #expect(received == total)
        #expect(mistakes == 0)
    }

    @Test(arguments: [1, 16, 256])
    func pushedIsPoppedPlusLost(capacity: Int) {
        let total = 100_000
        let (received, mistakes) = run(capacity: capacity, total: total) { producer, piece in
            _ = producer.push(piece.span)
        }
        // `run` adds up received and lost elements.
        #expect(received == total)
        #expect(mistakes == 0)
    }

    @Test func theConsumerLearnsThatTheProducerIsGone() {
        let ends = makeRing(of: Int.self, minimumCapacity: 4)
        var consumer = ends.consumer
        var producer = ends.producer
        _ = producer.push([1, 2].span)
        let before = consumer.isAbandoned
        drop(producer)
        let (after, finished) = (consumer.isAbandoned, consumer.isFinished)
        #expect(!before && after && !finished)
        let rest = consumer.take(4)
        let finishedAfter = consumer.isFinished
        #expect(rest == [1, 2] && finishedAfter)
    }

    @Test func theProducerLearnsThatTheConsumerIsGone() {
        let ends = makeRing(of: Int.self, minimumCapacity: 4)
        let before = ends.producer.isAbandoned
        drop(ends.consumer)
        let after = ends.producer.isAbandoned
        #expect(!before && after)
    }

    /// Sends 0..<total through a ring in pieces of random size, and checks the order at the other end.
    ///
    /// - Returns: elements received or reported lost, and how many were out of order.
    private func run(
        capacity: Int,
        total: Int,
        send: @escaping @Sendable (inout RingProducer<Int>, [Int]) -> Void
    ) -> (received: Int, mistakes: Int) {
        let ends = makeRing(of: Int.self, minimumCapacity: capacity)
        let sender = Sender(ends.producer, total: total, send: send)
        var consumer = ends.consumer
        Thread.detachNewThread { sender.run() }
        var received = 0
        var mistakes = 0
        var last = -1
        while true {
            let isLast = consumer.isFinished
            let loss = consumer.takeLoss()
            let elements = consumer.take(64)
            for element in elements {
                if element <= last { mistakes += 1 }
                last = element
            }
            received += elements.count + loss
            if isLast { break }
            if elements.isEmpty { sched_yield() }
        }
        return (received, mistakes)
    }
}

/// Owns the producing end on its thread; a class, since a closure cannot consume what it captured.
private final class Sender: @unchecked Sendable {
    // SAFETY: touched by the one thread that `run` runs on.
    private var producer: RingProducer<Int>?
    private let total: Int
    private let send: @Sendable (inout RingProducer<Int>, [Int]) -> Void

    init(
        _ producer: consuming RingProducer<Int>,
        total: Int,
        send: @escaping @Sendable (inout RingProducer<Int>, [Int]) -> Void
    ) {
        self.producer = consume producer
        self.total = total
        self.send = send
    }

    func run() {
        guard var producer = producer.take() else { return }
        var random = SeededRandom(seed: 7)
        var next = 0
        while next < total {
            let count = min(total - next, Int.random(in: 1...40, using: &random))
            send(&producer, Array(next..<next + count))
            next += count
        }
    }
}

private func drop<T: ~Copyable>(_ value: consuming T) { _ = consume value }
