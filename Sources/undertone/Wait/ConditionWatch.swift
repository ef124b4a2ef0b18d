// SPDX-License-Identifier: Apache-2.0
public import EventSocket

/// Follows a daemon's messages and reports when a condition has held for long enough. Pure.
///
/// A condition does not hold across gaps: lost audio, lost messages and a microphone that is not open restart the count.
public struct ConditionWatch: Sendable {
    private let condition: WaitCondition
    private let durationSeconds: Double
    private var isMatchingEstimate = false
    private var isSpeech: Bool?
    private var capture: String?
    private var heldSince: Double?

    /// A watch that has seen nothing.
    public init(_ condition: WaitCondition) {
        self.condition = condition
        durationSeconds = condition.duration / .seconds(1)
    }

    /// True while the condition holds, even if not yet for long enough.
    public var isHolding: Bool { heldSince != nil }

    /// Takes the next message.
    ///
    /// - Parameter now: seconds on a clock that never jumps.
    /// - Returns: true when the condition has held for long enough.
    public mutating func step(_ message: JSONValue, at now: Double) -> Bool {
        guard let moment = note(message) else { return isDue(now) }
        let time = condition.isAboutSound ? moment : now
        guard holds else {
            heldSince = nil
            return false
        }
        let since = heldSince ?? time
        heldSince = since
        return time - since >= durationSeconds
    }

    /// Seconds until the condition will have held for long enough if no message comes; nil if only one can tell.
    public func remainingSeconds(at now: Double) -> Double? {
        guard !condition.isAboutSound, let heldSince else { return nil }
        return max(0, heldSince + durationSeconds - now)
    }

    private func isDue(_ now: Double) -> Bool { remainingSeconds(at: now) == 0 }

    private var holds: Bool {
        (!condition.isAboutEstimates || isMatchingEstimate)
            && (condition.isSpeech == nil || condition.isSpeech == isSpeech)
            && (condition.capture == nil || condition.capture == capture)
    }

    /// Takes over what the message says.
    ///
    /// - Returns: its place on the audio clock in seconds; nil for messages that say nothing of our condition.
    private mutating func note(_ message: JSONValue) -> Double? {
        switch message["type"]?.string {
        case "estimate": return noteEstimate(message)
        case "vad":
            isSpeech = message["speech"]?.bool
            return message["t"]?.number
        case "state":
            noteCapture(message["capture"]?.string)
            return message["t"]?.number
        case "snapshot":
            noteCapture(message["state"]?["capture"]?.string)
            // Nothing of the past counts, but a state that already is does.
            return condition.isAboutSound ? nil : 0
        // A greeting in the middle tells that another model took over.
        case "overrun", "gap", "hello":
            forgetSound()
            return nil
        default: return nil
        }
    }

    private mutating func noteEstimate(_ message: JSONValue) -> Double? {
        let label = message["label"]?.string
        let confidence = message["conf"]?.number ?? 0
        isMatchingEstimate =
            label.map { condition.labels.isEmpty || condition.labels.contains($0) } ?? false
            && confidence >= condition.minimumConfidence
        isSpeech = message["utt"]?.number != nil
        return message["span"]?.array?.last?.number
    }

    private mutating func noteCapture(_ word: String?) {
        capture = word
        if word != "open" { forgetSound() }
    }

    private mutating func forgetSound() {
        guard condition.isAboutSound else { return }
        isMatchingEstimate = false
        isSpeech = nil
        heldSince = nil
    }
}
