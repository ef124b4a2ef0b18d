// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Decides which events one subscription gets: a pure state machine on the audio clock.
///
/// It uses the audio clock, so a file read at any speed gives the same messages.
package struct SubscriptionFilter: Sendable {
    // Copied out of the options, so that a decision reads only this memory: there can be thousands of clients.
    let kinds: EventKinds
    private let mode: EstimateMode
    private let minimumConfidence: Double
    private var labels: Set<Int>?
    private let delta: Float?
    private let intervalSamples: Int64
    private var lastAttributes = AttributeValues.none
    private var lastSample: Int64?
    private var lastReported: Report?

    /// Values that `change` compares.
    private enum Report: Equatable {
        case label(Int)
        case none
    }

    /// A filter for a model with these labels; the request parser has checked `options`.
    package init(_ options: SubscriptionOptions, modelLabels: [String]) {
        kinds = EventKinds(options.kinds)
        mode = options.mode
        minimumConfidence = options.minimumConfidence
        delta = options.delta.map { Float($0) }
        labels = Self.indices(of: options.labels, in: modelLabels)
        intervalSamples = options.maximumHz.map { Int64((Double(audioClockRate) / $0).rounded(.up)) } ?? 0
    }

    /// Returns true if `event` is to be sent. Call once for each event, in order.
    package mutating func passes(_ event: EmotionEvent) -> Bool {
        if kinds.isDisjoint(with: EventKinds(event)) { return false }
        guard case .estimate(let estimate) = event else { return true }
        return passes(estimate)
    }

    /// Re-maps labels by name to another model's indices; a label that the model lacks matches nothing.
    package mutating func adopt(_ options: SubscriptionOptions, modelLabels: [String]) {
        labels = Self.indices(of: options.labels, in: modelLabels)
        lastReported = nil
        lastAttributes = .none
    }

    private static func indices(of labels: [String]?, in modelLabels: [String]) -> Set<Int>? {
        labels.map { Set($0.compactMap(modelLabels.firstIndex(of:))) }
    }

    /// Exempts the final estimate from mode and rate: every subscription needs it.
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

    /// Applies strict spacing: never more than `max_hz` in any second, fewer if the hop does not divide the interval.
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

    /// Compares with the last estimate *sent*: a change suppressed by the rate is sent at the next opportunity.
    private mutating func noteReport(_ estimate: Estimate) -> Bool {
        if let report = Self.report(of: estimate) { lastReported = report }
        lastAttributes = estimate.attributes
        return true
    }

    /// Returns nil while the label is too new to be stable, which counts as no change.
    private static func report(of estimate: Estimate) -> Report? {
        if estimate.verdict.label == nil { return Report.none }
        return estimate.stable.map { .label($0.label) }
    }
}
