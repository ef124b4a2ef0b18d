// SPDX-License-Identifier: Apache-2.0

extension EmotionRecognizer {
    /// The events in a stream of buffers; the sequence ends with the stream.
    ///
    ///     for await event in recognizer.events(in: buffers, sampleRate: 48_000) { print(event) }
    ///
    /// The next buffer is requested after the events of the previous one were consumed, so memory stays constant. Buffers
    /// are processed in the task that iterates. Cancel that task to stop.
    ///
    /// - Parameters:
    ///   - buffers: one channel, full scale -1...1, split anywhere. Its errors are rethrown.
    ///   - sampleRate: samples per second, as for ``makeSession(sampleRate:)``.
    public func events<Buffers>(in buffers: Buffers, sampleRate: Int = 16_000) -> SpeechEvents<Buffers> {
        SpeechEvents(recognizer: self, buffers: buffers, sampleRate: sampleRate)
    }
}

/// The events in an asynchronous stream of sample buffers; see ``EmotionRecognizer/events(in:sampleRate:)``.
public struct SpeechEvents<Buffers: AsyncSequence>: AsyncSequence where Buffers.Element == [Float] {
    /// One event.
    public typealias Element = SpeechEvent
    /// Error type of the buffers.
    public typealias Failure = Buffers.Failure

    let recognizer: EmotionRecognizer
    let buffers: Buffers
    let sampleRate: Int

    /// Creates an iterator with its own session.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(
            buffers: buffers.makeAsyncIterator(),
            stream: Stream(session: recognizer.makeSession(sampleRate: sampleRate))
        )
    }

    /// A class, since an iterator must be copyable and a session is not.
    final class Stream {
        private var session: EmotionSession
        private var waiting: [SpeechEvent] = []
        private var next = 0
        private(set) var isOver = false

        init(session: consuming EmotionSession) { self.session = session }

        func take() -> SpeechEvent? {
            guard next < waiting.count else {
                next = 0
                waiting.removeAll(keepingCapacity: true)
                return nil
            }
            defer { next += 1 }
            return waiting[next]
        }

        func process(_ buffer: [Float]?) {
            var events: [SpeechEvent] = []
            if let buffer {
                session.process(buffer) { events.append($0) }
            } else {
                isOver = true
                session.finish { events.append($0) }
            }
            waiting += events
        }
    }

    /// Requests buffers and returns their events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var buffers: Buffers.AsyncIterator
        let stream: Stream

        /// The next event; nil after the last event of the last buffer.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Buffers.Failure)
            -> SpeechEvent?
        {
            while true {
                if let event = stream.take() { return event }
                if stream.isOver { return nil }
                stream.process(try await buffers.next(isolation: actor))
            }
        }
    }
}

extension SpeechEvents: Sendable where Buffers: Sendable {}
