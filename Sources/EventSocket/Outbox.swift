// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents
package import NIOCore

/// One subscription of a client: what it wants and what waits for it.
package struct Subscription: Sendable {
    /// Counts the subscriptions of a connection from 1.
    private let number: Int
    private let options: SubscriptionOptions
    private var filter: SubscriptionFilter
    fileprivate var queue: SubscriptionQueue

    /// Its name on the wire, such as `s1`.
    package var name: String { "s\(number)" }

    init(number: Int, options: SubscriptionOptions, modelLabels: [String]) {
        self.number = number
        self.options = options
        filter = SubscriptionFilter(options, modelLabels: modelLabels)
        queue = SubscriptionQueue(maximumCount: options.queueMaximum, policy: options.queuePolicy)
    }

    /// The kinds of events that it wants any of.
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

/// All that waits for one connection: answers to its requests, and the queues of its subscriptions. Pure.
package struct Outbox: Sendable {
    private let byteLimit: Int
    private var answers: [UInt8] = []
    private var subscriptionCount = 0
    private var droppedByEnded: UInt64 = 0
    /// The subscriptions, oldest first.
    package private(set) var subscriptions: [Subscription] = []

    /// An empty box in which at most `byteLimit` bytes may wait.
    package init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// Whether anything waits.
    package var isEmpty: Bool { answers.isEmpty && subscriptions.allSatisfy(\.queue.isEmpty) }

    /// What waits, in bytes.
    package var waitingBytes: Int { subscriptions.reduce(answers.count) { $0 + $1.queue.waitingBytes } }

    /// Messages that were dropped so far.
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

    /// Whether an answer waits.
    package var hasAnswer: Bool { !answers.isEmpty }

    /// Adds an answer, which is never dropped. Data that waits makes room for it.
    ///
    /// - Returns: false if there is no room even so: this client asks and does not read.
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

    /// Whether the subscription at `index` wants `event`. To be asked once for each event.
    package mutating func wants(_ event: EmotionEvent, at index: Int) -> Bool {
        subscriptions[index].wants(event)
    }

    /// Means the same labels as before in another model.
    package mutating func adopt(modelLabels: [String]) {
        for index in subscriptions.indices { subscriptions[index].adopt(modelLabels: modelLabels) }
    }

    /// Puts `line` in the queue of one subscription.
    ///
    /// - Parameter unsentBytes: what was written for this client and the kernel has not taken yet.
    /// - Returns: false if a message that may not be dropped found no room.
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

    /// Moves what waits to `buffer`, until that holds `limit` bytes or a little more.
    package mutating func fill(_ buffer: inout ByteBuffer, upTo limit: Int) {
        buffer.writeBytes(answers)
        answers.removeAll(keepingCapacity: false)
        for index in subscriptions.indices {
            while buffer.readableBytes < limit, let item = subscriptions[index].queue.next() {
                subscriptions[index].write(item, to: &buffer)
            }
        }
    }

    /// Throws all events away and writes what has to be said in their place: the answers and a gap each.
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
    /// Writes a number in decimal digits, without the detour over a `String`.
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
