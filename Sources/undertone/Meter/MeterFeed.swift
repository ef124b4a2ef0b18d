// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Foundation
import SampleRing
import ServiceRuntime
import Synchronization

/// Follows a daemon on a separate thread and keeps the meter's reading up to date; when the daemon goes away, the
/// thread reconnects as soon as it can.
final class MeterFeed: Sendable {
    /// Signalled when the reading has changed.
    let changed: WakeSignal
    private let paths: [String]
    private let start = ContinuousClock.now
    private let shared: Mutex<MeterReading>

    /// Connects.
    ///
    /// - Throws: the error of the first connection; a daemon that goes away later is waited for.
    init(paths: [String]) throws {
        self.paths = paths
        changed = try WakeSignal()
        let client = try Self.connect(paths)
        shared = Mutex(MeterReading(client.hello))
        let opening = Opening(client)
        let thread = Thread { [self] in
            var client = opening.client
            while true {
                follow(client)
                client = reconnect()
            }
        }
        thread.name = "meter"
        thread.start()
    }

    /// Carries the first connection to the thread.
    // SAFETY: `init` no longer uses it when the thread begins, and only the thread uses it from then on.
    private struct Opening: @unchecked Sendable {
        let client: EventClient
        init(_ client: EventClient) { self.client = client }
    }

    /// Seconds since the feed began, on the monotonic clock.
    var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// The current reading.
    var reading: MeterReading { shared.withLock { $0 } }

    private static func connect(_ paths: [String]) throws(ClientError) -> EventClient {
        let client = try EventClient(paths: paths)
        var options = SubscriptionOptions()
        options.kinds = [.estimate, .vad, .state, .overrun]
        // An older daemon would refuse a kind that it does not know.
        let abilities = client.hello.message["caps"]?.array?.compactMap(\.string) ?? []
        if abilities.contains("level") { options.kinds.insert(.level) }
        options.wantsSnapshot = true
        options.name = "undertone meter"
        try client.subscribe(options)
        return client
    }

    /// Processes messages until the daemon goes away.
    private func follow(_ client: EventClient) {
        var farewell = "connection lost"
        while let message = try? client.next() {
            if message.type == "bye" { farewell = message["why"]?.string ?? farewell }
            let moment = now
            shared.withLock { $0.step(message.fields, at: moment) }
            changed.signal()
        }
        shared.withLock { $0.disconnect(reason: farewell) }
        changed.signal()
    }

    private func reconnect() -> EventClient {
        while true {
            Thread.sleep(forTimeInterval: 0.5)
            if let client = try? Self.connect(paths) {
                shared.withLock { $0 = MeterReading(client.hello) }
                return client
            }
        }
    }
}

extension MeterReading {
    fileprivate init(_ hello: Hello) {
        self.init(labels: hello.labels, attributes: hello.attributes, model: hello.model)
    }
}
