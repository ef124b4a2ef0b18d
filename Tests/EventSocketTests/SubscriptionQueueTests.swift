// SPDX-License-Identifier: Apache-2.0
import EventSocket
import TestSupport
import Testing

@Suite struct SubscriptionQueueTests {
    private static let plenty = 1 << 20

    private func line(_ count: Int = 100) -> EncodedLine { EncodedLine([UInt8](repeating: 0, count: count)) }

    /// Empties the queue into text: "3" for a message, "4-9" for a gap.
    private func drain(_ queue: inout SubscriptionQueue) -> [String] {
        var words: [String] = []
        while let item = queue.next() {
            switch item {
            case .line(_, let number): words.append("\(number)")
            case .gap(let lost): words.append("\(lost.lowerBound)-\(lost.upperBound)")
            }
        }
        return words
    }

    private func queue(_ lanes: String, maximum: Int, policy: QueuePolicy = .dropOldest) -> SubscriptionQueue
    {
        var queue = SubscriptionQueue(maximumCount: maximum, policy: policy)
        for lane in lanes {
            let fits = queue.append(line(), lane: lane == "d" ? .data : .control, byteLimit: Self.plenty)
            #expect(fits)
        }
        return queue
    }

    @Test(
        arguments: [
            ("", 4, []), ("dcd", 4, ["1", "2", "3"]), ("dddddd", 4, ["1-2", "3", "4", "5", "6"]),
            ("dcddddd", 2, ["1-1", "2", "3-5", "6", "7"]), ("cccccc", 1, ["1", "2", "3", "4", "5", "6"]),
            ("dddcddd", 3, ["1-3", "4", "5", "6", "7"]),
        ] as [(String, Int, [String])]
    )
    func messagesLeaveInOrderWithGapsInTheirPlace(_ lanes: String, _ maximum: Int, _ expected: [String]) {
        var queue = queue(lanes, maximum: maximum)
        #expect(drain(&queue) == expected)
        #expect(queue.isEmpty && queue.waitingBytes == 0)
    }

    @Test func latestKeepsOnlyTheNewest() {
        var queue = queue("ddddcdd", maximum: 64, policy: .latest)
        #expect(drain(&queue) == ["1-4", "5", "6-6", "7"])
    }

    @Test func controlPushesDataOutAndThenHasNoRoom() {
        let cost = 100 + SubscriptionQueue.overhead
        var queue = SubscriptionQueue(maximumCount: 64, policy: .dropOldest)
        for lane in [SubscriptionQueue.Lane.data, .data, .control, .control] {
            let fits = queue.append(line(), lane: lane, byteLimit: 2 * cost)
            #expect(fits)
        }
        let third = queue.append(line(), lane: .control, byteLimit: 2 * cost)
        #expect(!third, "the caller must close this client")
        let data = queue.append(line(), lane: .data, byteLimit: 2 * cost)
        #expect(data, "data is only lost")
        #expect(drain(&queue) == ["1-2", "3", "4"] && queue.droppedCount == 4 && queue.lastNumber == 6)
    }

    @Test func abandoningReportsAllLosses() {
        var queue = queue("dddddc", maximum: 3)
        _ = queue.next()
        _ = queue.next()
        let lost = queue.abandon()
        #expect(lost == 4...6 && queue.isEmpty && queue.waitingBytes == 0)
        let again = queue.abandon()
        #expect(again == nil)
    }

    /// For any order of operations, each number comes out exactly once, as a message or in a gap; control always as a
    /// message; and the queue stays within its limits.
    @Test(arguments: 1...20)
    func everyNumberIsDeliveredOrInAGap(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let maximum = Int.random(in: 1...8, using: &random)
        let limit = 4_000
        var queue = SubscriptionQueue(maximumCount: maximum, policy: .dropOldest)
        var isControl: [Bool] = []
        var next: UInt64 = 1
        var complaints: [String] = []
        func take(_ item: SubscriptionQueue.Item) {
            switch item {
            case .line(_, let number):
                if number != next { complaints.append("\(number) after \(next - 1)") }
                next = number + 1
            case .gap(let lost):
                if lost.lowerBound != next { complaints.append("gap \(lost) after \(next - 1)") }
                if lost.contains(where: { isControl[Int($0) - 1] }) {
                    complaints.append("control in \(lost)")
                }
                next = lost.upperBound + 1
            }
        }
        for _ in 0..<5_000 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let lane: SubscriptionQueue.Lane =
                    Int.random(in: 0..<4, using: &random) == 0 ? .control : .data
                let bytes = Int.random(in: 0...900, using: &random)
                let fits = queue.append(line(bytes), lane: lane, byteLimit: limit)
                isControl.append(lane == .control && fits)
            } else if let item = queue.next() {
                take(item)
            }
            if queue.waitingBytes > limit { complaints.append("\(queue.waitingBytes) bytes wait") }
        }
        while let item = queue.next() { take(item) }
        if let rest = queue.abandon() { take(.gap(rest)) }
        #expect(complaints.isEmpty && next == queue.lastNumber + 1)
    }
}
