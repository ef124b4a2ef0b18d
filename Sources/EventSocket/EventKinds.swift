// SPDX-License-Identifier: Apache-2.0
import EmotionEvents

/// A set of ``EventKind`` in one byte: it is tested for thousands of clients ten times a second.
struct EventKinds: OptionSet, Sendable {
    let rawValue: UInt8

    static let all = EventKinds(Set(EventKind.allCases))

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ kind: EventKind) {
        rawValue =
            switch kind {
            case .estimate: 1
            case .utterance: 2
            case .vad: 4
            case .state: 8
            case .overrun: 16
            case .level: 32
            case .vocal: 64
            }
    }

    init(_ kinds: Set<EventKind>) { self = kinds.reduce(into: []) { $0.formUnion(EventKinds($1)) } }

    /// The kind of `event`; all kinds for an event that every client needs.
    init(_ event: EmotionEvent) {
        self =
            switch event {
            case .estimate: EventKinds(.estimate)
            case .utteranceStarted, .utteranceEnded: EventKinds(.utterance)
            case .voiceActivity: EventKinds(.vad)
            case .vocal: EventKinds(.vocal)
            case .state: EventKinds(.state)
            case .overrun: EventKinds(.overrun)
            case .level: EventKinds(.level)
            // Every subscriber needs the labels of the new model.
            case .reloaded: .all
            }
    }
}
