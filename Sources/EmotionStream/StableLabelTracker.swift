// SPDX-License-Identifier: Apache-2.0
package import EmotionEvents

/// Tracks how long the label has been the same, so that a client can ignore short changes.
package struct StableLabelTracker {
    private let minimumSamples: Int64
    private let sampleRate: Int64
    private var top: (label: Int, since: Int64)?
    private var held: (label: Int, since: Int64)?
    private var latest: Int64 = 0

    package init(_ settings: StreamSettings, sampleRate: Int) {
        self.sampleRate = Int64(sampleRate)
        minimumSamples = Int64(settings.stableMilliseconds) * Int64(sampleRate) / 1000
    }

    package mutating func reset() {
        top = nil
        held = nil
        latest = 0
    }

    /// Processes the label at `sample` and returns the stable one: the new label once it has lasted long
    /// enough, the previous one until then, none at first. A final estimate ends before the last interim one, so
    /// time is kept from running backward here.
    package mutating func step(label: Int, sample: Int64) -> StableLabel? {
        latest = max(latest, sample)
        let sample = latest
        let current = top?.label == label ? top : nil
        let since = current?.since ?? sample
        top = (label, since)
        if sample - since >= minimumSamples { held = (label, since) }
        return held.map {
            StableLabel(label: $0.label, forMilliseconds: Int((sample - $0.since) * 1000 / sampleRate))
        }
    }
}
