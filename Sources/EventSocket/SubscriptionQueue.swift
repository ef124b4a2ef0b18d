// SPDX-License-Identifier: Apache-2.0
import NIOCore

/// The bytes of one event, without the last brace. Encoded once and shared by all clients.
package struct EncodedLine: Sendable {
    /// An open JSON object.
    package let bytes: [UInt8]

    /// Wraps bytes that `EventLine.writeOpen` wrote.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// Queue of one subscription: two lanes, one order. Pure; does no input or output.
///
/// Every message gets the next number `n`. Those of the data lane may be dropped when the client is slow, those of
/// the control lane never. They leave in the order of their numbers, and a gap replaces missing numbers: so gaps
/// report losses exactly, whatever their cause.
package struct SubscriptionQueue: Sendable {
    /// Lane of a message: droppable or not.
    package enum Lane: Sendable {
        /// Droppable, since the next one replaces it: estimates and levels.
        case data
        /// Never dropped: utterances, states, losses, final estimates.
        case control
    }

    /// Output of the queue.
    package enum Item {
        /// A message and its number.
        case line(EncodedLine, number: UInt64)
        /// These numbers were lost.
        case gap(ClosedRange<UInt64>)
    }

    private struct Entry {
        let line: EncodedLine
        let number: UInt64
        var cost: Int { line.bytes.count + SubscriptionQueue.overhead }
    }

    /// Cost of an entry in addition to its bytes: its place in the lane, and the fields added on writing.
    package static let overhead = 64

    private let maximumCount: Int
    private var data = CircularBuffer<Entry>(initialCapacity: 0)
    private var control = CircularBuffer<Entry>(initialCapacity: 0)
    private var taken: UInt64 = 0
    /// The number of the newest message, whether sent, waiting or lost.
    package private(set) var lastNumber: UInt64 = 0
    /// Cost of the waiting messages in bytes.
    package private(set) var waitingBytes = 0
    /// Messages dropped so far.
    package private(set) var droppedCount: UInt64 = 0

    /// A queue in which at most `maximumCount` messages of the data lane wait (one, for the policy `latest`).
    package init(maximumCount: Int, policy: QueuePolicy) {
        self.maximumCount = policy == .latest ? 1 : max(1, maximumCount)
    }

    /// True if nothing waits.
    package var isEmpty: Bool { data.isEmpty && control.isEmpty }

    /// Assigns a number to a message without queueing it, for a client that keeps up. Only while the queue is empty.
    ///
    /// - Returns: the number, and those lost just before it, if any.
    package mutating func pass() -> (lost: ClosedRange<UInt64>?, number: UInt64) {
        let lost = taken < lastNumber ? taken + 1...lastNumber : nil
        lastNumber += 1
        taken = lastNumber
        return (lost, lastNumber)
    }

    /// Adds a message, dropping older data if there is no room.
    ///
    /// - Parameter byteLimit: largest cost of all waiting messages.
    /// - Returns: false if there is still no room for a message of the control lane: the caller must close the client.
    package mutating func append(_ line: EncodedLine, lane: Lane, byteLimit: Int) -> Bool {
        lastNumber += 1
        let entry = Entry(line: line, number: lastNumber)
        if lane == .data, data.count >= maximumCount { dropOldest() }
        while waitingBytes + entry.cost > byteLimit, !data.isEmpty { dropOldest() }
        guard waitingBytes + entry.cost <= byteLimit else {
            droppedCount += 1
            return lane == .data
        }
        waitingBytes += entry.cost
        if lane == .data { data.append(entry) } else { control.append(entry) }
        return true
    }

    /// Removes and returns the next output; nil if nothing waits.
    package mutating func next() -> Item? {
        guard let number = headNumber else { return nil }
        if number > taken + 1 {
            defer { taken = number - 1 }
            return .gap(taken + 1...number - 1)
        }
        taken = number
        let entry = takeHead()
        waitingBytes -= entry.cost
        return .line(entry.line, number: number)
    }

    /// Discards everything, for a client that is being closed.
    ///
    /// - Returns: the numbers that the client will not receive; nil if none.
    package mutating func abandon() -> ClosedRange<UInt64>? {
        droppedCount += UInt64(data.count + control.count)
        data.removeAll()
        control.removeAll()
        waitingBytes = 0
        defer { taken = lastNumber }
        return taken < lastNumber ? taken + 1...lastNumber : nil
    }

    private var headNumber: UInt64? {
        switch (data.first?.number, control.first?.number) {
        case (let first?, let second?): min(first, second)
        case (let first, let second): first ?? second
        }
    }

    private mutating func takeHead() -> Entry {
        guard let first = control.first else { return data.removeFirst() }
        if let other = data.first, other.number < first.number { return data.removeFirst() }
        return control.removeFirst()
    }

    /// Drops the oldest message of the data lane; false if there is none.
    package mutating func dropOldestData() -> Bool {
        if data.isEmpty { return false }
        dropOldest()
        return true
    }

    private mutating func dropOldest() {
        waitingBytes -= data.removeFirst().cost
        droppedCount += 1
    }
}
