// SPDX-License-Identifier: Apache-2.0

/// The condition of `undertone wait`. All parts that are set must hold at once.
public struct WaitCondition: Sendable, Equatable {
    /// The estimate names one of these; empty for any, or none.
    public var labels: [String] = []
    /// The estimate names a label with at least this confidence, 0...1; 0 for any.
    public var minimumConfidence = 0.0
    /// Speech or silence; nil for either.
    public var isSpeech: Bool?
    /// Capture state by its name on the wire; nil for any.
    public var capture: String?
    /// Time for which the condition must hold without a break; zero for a moment.
    public var duration = Duration.zero

    /// A condition that always holds.
    public init() {}

    /// True for conditions about sound. Their time is counted on the audio clock, so that neither a busy machine nor a
    /// stalled microphone makes a condition last longer.
    public var isAboutSound: Bool { isAboutEstimates || isSpeech != nil }

    var isAboutEstimates: Bool { !labels.isEmpty || minimumConfidence > 0 }
}
