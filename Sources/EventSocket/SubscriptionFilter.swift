// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Decides which events one subscription gets: a pure state machine on the audio clock.
///
/// The audio clock and not the wall clock, so that a file read at any speed gives the same messages.
package struct SubscriptionFilter: Sendable {
    // Copied out of the options, so that a decision touches no memory but its own: clients can be thousands.
    let kinds: EventKinds
    private let mode: EstimateMode
    private let minimumConfidence: Double
    private var labels: Set<Int>?
    private let delta: Float?
    private let intervalSamples: Int64
    private var lastAttributes = AttributeValues.none
    private var lastSample: Int64?
    private var lastReported: Report?

    /// What `change` compares.
    private enum Report: Equatable {
        case label(Int)
        case none
    }

    /// A filter for a model with these labels; `options` were checked by the parser of requests.
    package init(_ options: SubscriptionOptions, modelLabels: [String]) {
        kinds = EventKinds(options.kinds)
        mode = options.mode
        minimumConfidence = options.minimumConfidence
        delta = options.delta.map { Float($0) }
        labels = Self.indices(of: options.labels, in: modelLabels)
        intervalSamples = options.maximumHz.map { Int64((Double(audioClockRate) / $0).rounded(.up)) } ?? 0
    }

    /// Whether `event` is to be sent. Each event is asked about once, in order.
    package mutating func passes(_ event: EmotionEvent) -> Bool {
        if kinds.isDisjoint(with: EventKinds(event)) { return false }
        guard case .estimate(let estimate) = event else { return true }
        return passes(estimate)
    }

    /// Means the same labels as before by their names in another model; one that this does not know matches nothing.
    package mutating func adopt(_ options: SubscriptionOptions, modelLabels: [String]) {
        labels = Self.indices(of: options.labels, in: modelLabels)
        lastReported = nil
        lastAttributes = .none
    }

    private static func indices(of labels: [String]?, in modelLabels: [String]) -> Set<Int>? {
        labels.map { Set($0.compactMap(modelLabels.firstIndex(of:))) }
    }

    /// The final estimate is exempt from mode and rate: it is the one that nobody may miss.
    private mutating func passes(_ estimate: Estimate) -> Bool {
        guard isSureEnough(estimate), isWantedLabel(estimate) else { return false }
        if estimate.isFinal { return true }
        switch mode {
        case .final: return false
        case .hop: return isDue(estimate)
        case .change: return isChanged(estimate) && isDue(estimate) && noteReport(estimate)
        }
    }

    private func isSureEnough(_ estimate: Estimate) -> Bool {
        minimumConfidence == 0 || Double(estimate.confidence) >= minimumConfidence
    }

    private func isWantedLabel(_ estimate: Estimate) -> Bool {
        guard let labels else { return true }
        return estimate.verdict.label.map(labels.contains) ?? false
    }

    /// Strict spacing: never more than `max_hz` in any second, at the price of fewer when hops do not divide it.
    private mutating func isDue(_ estimate: Estimate) -> Bool {
        if let lastSample, estimate.endSample - lastSample < intervalSamples { return false }
        lastSample = estimate.endSample
        return true
    }

    private func isChanged(_ estimate: Estimate) -> Bool {
        if let report = Self.report(of: estimate), report != lastReported { return true }
        return hasMoved(estimate.attributes) && estimate.verdict.label != nil
    }

    private func hasMoved(_ attributes: AttributeValues) -> Bool {
        guard let delta else { return false }
        guard lastAttributes.count == attributes.count else { return true }
        return (0..<attributes.count).contains { abs(attributes[$0] - lastAttributes[$0]) >= delta }
    }

    /// Compared with what was last *sent*: a change that the rate held back is told at the next chance.
    private mutating func noteReport(_ estimate: Estimate) -> Bool {
        if let report = Self.report(of: estimate) { lastReported = report }
        lastAttributes = estimate.attributes
        return true
    }

    /// Nil while a label is too young to be called stable: that changes nothing yet.
    private static func report(of estimate: Estimate) -> Report? {
        if estimate.verdict.label == nil { return Report.none }
        return estimate.stable.map { .label($0.label) }
    }
}
