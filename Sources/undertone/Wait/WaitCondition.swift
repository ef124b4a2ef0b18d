// SPDX-License-Identifier: Apache-2.0

/// What somebody waits for. All that is set must hold at once.
public struct WaitCondition: Sendable, Equatable {
    /// The estimate names one of these; empty for any, or none.
    public var labels: [String] = []
    /// The estimate names a label and is at least this sure, 0...1; 0 for not caring.
    public var minimumConfidence = 0.0
    /// Somebody speaks, or nobody does; nil for not caring.
    public var isSpeech: Bool?
    /// Capture is in this state, by its word on the wire; nil for not caring.
    public var capture: String?
    /// For how long it must hold without a break; zero for a moment.
    public var duration = Duration.zero

    /// Anything.
    public init() {}

    /// Whether it speaks of what is heard. Time is then counted on the audio clock, so that neither a busy machine
    /// nor a stalled microphone makes anything last longer than it did.
    public var isAboutSound: Bool { isAboutEstimates || isSpeech != nil }

    var isAboutEstimates: Bool { !labels.isEmpty || minimumConfidence > 0 }
}
