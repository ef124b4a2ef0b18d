// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents
package import NIOCore

/// One subscription of a client: its filter and its queue.
package struct Subscription: Sendable {
    /// Number of the subscription within its connection, from 1.
    private let number: Int
    private let options: SubscriptionOptions
    private var filter: SubscriptionFilter
    fileprivate var queue: SubscriptionQueue

    /// Its name in the protocol, such as `s1`.
    package var name: String { "s\(number)" }

    init(number: Int, options: SubscriptionOptions, modelLabels: [String]) {
        self.number = number
        self.options = options
        filter = SubscriptionFilter(options, modelLabels: modelLabels)
        queue = SubscriptionQueue(maximumCount: options.queueMaximum, policy: options.queuePolicy)
    }

    /// The event kinds that it subscribed to.
    var kinds: EventKinds { filter.kinds }

    mutating func wants(_ event: EmotionEvent) -> Bool { filter.passes(event) }

    mutating func adopt(modelLabels: [String]) { filter.adopt(options, modelLabels: modelLabels) }

    fileprivate mutating func writePast(_ line: EncodedLine, to buffer: inout ByteBuffer) {
        let (lost, number) = queue.pass()
        if let lost { write(.gap(lost), to: &buffer) }
        write(.line(line, number: number), to: &buffer)
    }

    fileprivate func write(_ item: SubscriptionQueue.Item, to buffer: inout ByteBuffer) {
        switch item {
        case .gap(let lost): buffer.writeBytes(ServerLines.gap(subscription: name, lost: lost))
        case .line(let line, let number):
            buffer.writeBytes(line.bytes)
            buffer.writeStaticString(#","sub":"s"#)
            buffer.writeDecimal(UInt64(self.number))
            buffer.writeStaticString(#"","n":"#)
            buffer.writeDecimal(number)
            buffer.writeStaticString("}\n")
        }
    }
}

/// Everything that waits for one connection: answers to its requests, and the queues of its subscriptions. Pure.
package struct Outbox: Sendable {
    private let byteLimit: Int
    private var answers: [UInt8] = []
    private var subscriptionCount = 0
    private var droppedByEnded: UInt64 = 0
    /// The subscriptions, oldest first.
    package private(set) var subscriptions: [Subscription] = []

    /// An empty outbox in which at most `byteLimit` bytes may wait.
    package init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// True if nothing waits.
    package var isEmpty: Bool { answers.isEmpty && subscriptions.allSatisfy(\.queue.isEmpty) }

    /// Size of everything that waits, in bytes.
    package var waitingBytes: Int { subscriptions.reduce(answers.count) { $0 + $1.queue.waitingBytes } }

    /// Messages dropped so far.
    package var droppedCount: UInt64 { subscriptions.reduce(droppedByEnded) { $0 + $1.queue.droppedCount } }

    /// Adds a subscription.
    ///
    /// - Returns: its name.
    package mutating func add(_ options: SubscriptionOptions, modelLabels: [String]) -> String {
        subscriptionCount += 1
        let subscription = Subscription(number: subscriptionCount, options: options, modelLabels: modelLabels)
        subscriptions.append(subscription)
        return subscription.name
    }

    /// Ends a subscription; false if there is none of this name.
    package mutating func remove(name: String) -> Bool {
        guard let index = subscriptions.firstIndex(where: { $0.name == name }) else { return false }
        droppedByEnded += subscriptions.remove(at: index).queue.droppedCount
        return true
    }

    /// True if an answer waits.
    package var hasAnswer: Bool { !answers.isEmpty }

    /// Adds an answer, which is never dropped. Data that waits makes room for it.
    ///
    /// - Returns: false if there is still no room: this client sends requests but does not read.
    package mutating func answer(_ line: [UInt8]) -> Bool {
        while waitingBytes + line.count > byteLimit, dropData() {}
        guard answers.isEmpty || waitingBytes + line.count <= byteLimit else { return false }
        answers += line
        return true
    }

    private mutating func dropData() -> Bool {
        for index in subscriptions.indices where subscriptions[index].queue.dropOldestData() { return true }
        return false
    }

    /// Returns true if the subscription at `index` wants `event`. Call once for each event.
    package mutating func wants(_ event: EmotionEvent, at index: Int) -> Bool {
        subscriptions[index].wants(event)
    }

    /// Re-maps label filters to the new model's indices.
    package mutating func adopt(modelLabels: [String]) {
        for index in subscriptions.indices { subscriptions[index].adopt(modelLabels: modelLabels) }
    }

    /// Puts `line` in the queue of one subscription.
    ///
    /// - Parameter unsentBytes: bytes written for this client that the kernel has not accepted yet.
    /// - Returns: false if there is no room for a message that must not be dropped.
    package mutating func append(
        _ line: EncodedLine,
        to index: Int,
        lane: SubscriptionQueue.Lane,
        unsentBytes: Int
    ) -> Bool {
        let others = waitingBytes - subscriptions[index].queue.waitingBytes + unsentBytes
        return subscriptions[index].queue.append(line, lane: lane, byteLimit: byteLimit - others)
    }

    /// Writes `line` past the queue of one subscription to `buffer`. Only while nothing waits.
    package mutating func writePast(_ line: EncodedLine, of index: Int, to buffer: inout ByteBuffer) {
        subscriptions[index].writePast(line, to: &buffer)
    }

    /// Moves waiting messages to `buffer`, until that holds `limit` bytes or slightly more.
    package mutating func fill(_ buffer: inout ByteBuffer, upTo limit: Int) {
        buffer.writeBytes(answers)
        answers.removeAll(keepingCapacity: false)
        for index in subscriptions.indices {
            while buffer.readableBytes < limit, let item = subscriptions[index].queue.next() {
                subscriptions[index].write(item, to: &buffer)
            }
        }
    }

    /// Discards all events and writes the pending answers and one gap for each subscription.
    package mutating func abandon(into buffer: inout ByteBuffer) {
        buffer.writeBytes(answers)
        answers = []
        for index in subscriptions.indices {
            guard let lost = subscriptions[index].queue.abandon() else { continue }
            buffer.writeBytes(ServerLines.gap(subscription: subscriptions[index].name, lost: lost))
        }
    }
}

extension ByteBuffer {
    /// Writes a number in decimal digits, without a temporary `String`.
    fileprivate mutating func writeDecimal(_ value: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = value
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        for index in first..<20 { writeInteger(digits[index]) }
    }
}
