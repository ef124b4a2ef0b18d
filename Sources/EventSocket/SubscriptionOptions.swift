// SPDX-License-Identifier: Apache-2.0

/// The kinds of messages that a client can subscribe to, by their names in the protocol.
public enum EventKind: String, CaseIterable, Sendable {
    /// Emotion estimates, several times a second.
    case estimate
    /// Start and end of an utterance, the end with its final estimate.
    case utterance
    /// Each change between speech and no speech.
    case vad
    /// A laugh, cry, cough or scream.
    case vocal
    /// Each change of the capture state.
    case state
    /// Audio that was lost.
    case overrun
    /// The sound level, twenty times a second.
    case level

    /// Default of a subscription: all but the levels, which only a meter needs.
    public static let usual = Set(allCases).subtracting([.level])
}

/// Selection of the estimates to send.
public enum EstimateMode: String, CaseIterable, Sendable {
    /// All estimates.
    case hop
    /// Estimates at which the stable label changes or ends.
    case change
    /// The final one of each utterance only.
    case final
}

/// Selection of the messages that a slow client loses.
public enum QueuePolicy: String, CaseIterable, Sendable {
    /// The oldest ones, as soon as `maximumCount` wait.
    case dropOldest = "drop_oldest"
    /// All but the newest one.
    case latest
}

/// Options of a subscription.
public struct SubscriptionOptions: Sendable, Equatable {
    /// Kinds of messages to send.
    public var kinds = EventKind.usual
    /// Estimates to send.
    public var mode = EstimateMode.hop
    /// In mode `change`: also estimates in which an attribute changed by this much since the last one sent, 0.01...2;
    /// nil for changes of the label alone.
    public var delta: Double?
    /// At most this many estimates per second of audio; nil for all. Above 0, at most 1,000.
    public var maximumHz: Double?
    /// Smallest confidence of an estimate, 0...1. A value above 0 excludes estimates without a label.
    public var minimumConfidence = 0.0
    /// Only estimates with one of these labels; nil for all, including those without a label.
    public var labels: [String]?
    /// True to receive the current state first.
    public var wantsSnapshot = false
    /// Most estimates that may wait for a slow client, 1...4,096.
    public var queueMaximum = 64
    /// Messages to drop when the queue is full.
    public var queuePolicy = QueuePolicy.dropOldest
    /// Client name for the list of clients; at most 64 bytes.
    public var name: String?

    /// All defaults.
    public init() {}
}
