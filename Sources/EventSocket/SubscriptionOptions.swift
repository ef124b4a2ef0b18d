// SPDX-License-Identifier: Apache-2.0

/// The kinds of messages that can be subscribed to, by their names on the wire.
public enum EventKind: String, CaseIterable, Sendable {
    /// What was heard, several times a second.
    case estimate
    /// Beginning and end of an utterance, the end with its final estimate.
    case utterance
    /// Each change between speech and none.
    case vad
    /// A laugh, cry, cough or scream.
    case vocal
    /// Each change of the capture state.
    case state
    /// Audio that was lost.
    case overrun
    /// How loud it is, twenty times a second.
    case level

    /// What a client is sent that does not say what it wants: all but the levels, which only a meter needs.
    public static let usual = Set(allCases).subtracting([.level])
}

/// Which of the estimates are sent.
public enum EstimateMode: String, CaseIterable, Sendable {
    /// Every one.
    case hop
    /// Those with which the stable label changes, or ends.
    case change
    /// The final one of each utterance only.
    case final
}

/// Which messages a client that is too slow loses.
public enum QueuePolicy: String, CaseIterable, Sendable {
    /// The oldest ones, as soon as `maximumCount` wait.
    case dropOldest = "drop_oldest"
    /// All but the newest one.
    case latest
}

/// What a client wants to be sent.
public struct SubscriptionOptions: Sendable, Equatable {
    /// Only these kinds of messages.
    public var kinds = EventKind.usual
    /// Which estimates.
    public var mode = EstimateMode.hop
    /// In mode `change`: also those with which an attribute has moved by this much since the last that was sent, 0.01...2;
    /// nil for changes of the label alone.
    public var delta: Double?
    /// At most this many estimates per second of audio; nil for all. Above 0, at most 1,000.
    public var maximumHz: Double?
    /// Only estimates at least this sure, 0...1. Above 0 this leaves out those without a label.
    public var minimumConfidence = 0.0
    /// Only estimates with one of these labels; nil for all, those without a label included.
    public var labels: [String]?
    /// Whether to be told the present state first.
    public var wantsSnapshot = false
    /// How many estimates may wait for a slow client, 1...4,096.
    public var queueMaximum = 64
    /// Which ones are lost when more would have to wait.
    public var queuePolicy = QueuePolicy.dropOldest
    /// What the client calls itself, for the list of clients; at most 64 characters.
    public var name: String?

    /// Everything, as it comes.
    public init() {}
}
