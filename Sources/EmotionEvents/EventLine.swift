// SPDX-License-Identifier: Apache-2.0

/// Writes events as the JSON lines of the protocol, for the socket and for `undertone listen --json` alike.
///
/// Separate from the socket, so that a program that only prints needs no networking library. Never fails: an index
/// without a label becomes ``unnamed``, whatever model the event came from.
/// Fields are in a fixed order; `EventSocket`'s documentation describes each of them.
public struct EventLine: Sendable {
    /// The model's labels, in the order of the probabilities.
    public let labels: [String]
    /// The model's attributes, in the order of their values.
    public let attributes: [String]
    /// Name of the capture device, as in `undertone devices`.
    public var device: String?

    /// Name of a class without a label.
    public static let unnamed = "unnamed"

    /// A writer for a model with these labels and attributes.
    public init(labels: [String], attributes: [String] = [], device: String? = nil) {
        self.labels = labels
        self.attributes = attributes
        self.device = device
    }

    /// Appends the event's object to `writer`, without its last brace and line end.
    ///
    /// The object stays open so that the socket can add the fields of one subscription (`sub`, `n`).
    public func writeOpen(_ event: EmotionEvent, to writer: inout JSONWriter) {
        writer.beginObject()
        switch event {
        case .utteranceStarted(let utterance, let sample, let wall):
            writeUtterance("start", utterance, sample, wall: wall, to: &writer)
        case .estimate(let estimate):
            writer.field("type", "estimate")
            write(estimate, to: &writer)
        case .utteranceEnded(let utterance, let sample, let final):
            writeUtterance("end", utterance, sample, wall: final.wallNanoseconds, to: &writer)
            writer.beginObject("estimate")
            write(final, to: &writer)
            writer.endObject()
        case .voiceActivity(let isSpeech, let sample, let level, let wall):
            writer.field("type", "vad")
            writer.field("speech", isSpeech)
            writer.field("t", seconds(sample), decimals: 3)
            writer.field("wall", WallTime.text(nanoseconds: wall))
            writer.field("level_db", Double(level), decimals: 1)
        case .vocal(let sound): write(sound, to: &writer)
        case .state(let change): write(change, to: &writer)
        case .overrun(let overrun): write(overrun, to: &writer)
        case .level(let level): write(level, to: &writer)
        case .reloaded(let generation):
            writer.field("type", "reloaded")
            writer.field("generation", generation)
        }
    }

    /// The whole line, newline included.
    public func line(_ event: EmotionEvent) -> String {
        var writer = JSONWriter()
        writeOpen(event, to: &writer)
        writer.endObject()
        writer.endLine()
        return writer.text
    }

    /// Appends the fields of an estimate to the open object in `writer`.
    public func write(_ estimate: Estimate, to writer: inout JSONWriter) {
        writer.field("seq", estimate.sequence)
        writePlace(estimate, to: &writer)
        switch estimate.verdict {
        case .label(let index): writer.field("label", name(of: index))
        case .none(let reason):
            writer.null("label")
            writer.field("why", reason.word)
        }
        if estimate.utterance != nil {
            writeProbabilities(estimate, to: &writer)
            if !attributes.isEmpty { write(estimate.attributes, to: &writer) }
        }
        writer.field("heard_ms", estimate.heardMilliseconds)
        if estimate.utterance != nil { writer.field("voice_s", Double(estimate.voiceSeconds), decimals: 1) }
        if let stable = estimate.stable { write(stable, to: &writer) }
        write(estimate.quality, to: &writer)
        writer.field("lag_ms", Double(estimate.lagMilliseconds), decimals: 1)
    }

    private func writePlace(_ estimate: Estimate, to writer: inout JSONWriter) {
        if let utterance = estimate.utterance {
            writer.field("utt", utterance)
            writer.field("rev", estimate.revision)
        } else {
            writer.null("utt")
        }
        writer.field("final", estimate.isFinal)
        writer.beginArray("span")
        writer.element(seconds(estimate.startSample), decimals: 3)
        writer.element(seconds(estimate.endSample), decimals: 3)
        writer.endArray()
        writer.field("wall", WallTime.text(nanoseconds: estimate.wallNanoseconds))
    }

    private func writeProbabilities(_ estimate: Estimate, to writer: inout JSONWriter) {
        writer.beginObject("p")
        for index in 0..<min(labels.count, estimate.probabilities.count) {
            writer.field(named: labels[index], Double(estimate.probabilities[index]), decimals: 4)
        }
        writer.endObject()
        writer.field("conf", Double(estimate.confidence), decimals: 4)
    }

    private func write(_ values: AttributeValues, to writer: inout JSONWriter) {
        writer.beginObject("dims")
        for (index, name) in attributes.prefix(values.count).enumerated() {
            writer.field(named: name, Double(values[index]), decimals: 3)
        }
        writer.endObject()
        if values.isClipped { writer.field("clipped", true) }
    }

    private func write(_ stable: StableLabel, to writer: inout JSONWriter) {
        writer.beginObject("stable")
        writer.field("label", name(of: stable.label))
        writer.field("for_ms", stable.forMilliseconds)
        writer.endObject()
    }

    private func write(_ quality: SoundQuality, to writer: inout JSONWriter) {
        writer.beginObject("quality")
        writer.field("level_db", Double(quality.levelDecibels), decimals: 1)
        writer.field("snr_db", Double(quality.signalToNoiseDecibels), decimals: 1)
        writer.field("clip", quality.isClipping)
        writer.endObject()
    }

    private func writeUtterance(
        _ event: StaticString,
        _ utterance: UInt64,
        _ sample: Int64,
        wall: Int64,
        to writer: inout JSONWriter
    ) {
        writer.field("type", "utterance")
        writer.field("event", event)
        writer.field("utt", utterance)
        writer.field("t", seconds(sample), decimals: 3)
        writer.field("wall", WallTime.text(nanoseconds: wall))
    }

    private func write(_ sound: VocalSound, to writer: inout JSONWriter) {
        writer.field("type", "vocal")
        writer.field("kind", sound.kind.word)
        writer.beginArray("span")
        writer.element(seconds(sound.startSample), decimals: 3)
        writer.element(seconds(sound.endSample), decimals: 3)
        writer.endArray()
        writer.field("conf", Double(sound.probability), decimals: 4)
    }

    private func write(_ change: CaptureChange, to writer: inout JSONWriter) {
        writer.field("type", "state")
        writer.field("capture", change.condition.word)
        writer.field("muted", change.condition == .muted)
        if let device { writer.field("device", device) }
        if change.retryMilliseconds > 0 { writer.field("retry_ms", change.retryMilliseconds) }
        writer.field("t", seconds(change.sample), decimals: 3)
    }

    private func write(_ overrun: Overrun, to writer: inout JSONWriter) {
        writer.field("type", "overrun")
        writer.field("samples", overrun.sampleCount)
        writer.field("cause", overrun.cause.word)
        writer.field("exact", overrun.isExact)
        writer.field("total", overrun.totalCount)
        writer.field("t", seconds(overrun.sample), decimals: 3)
    }

    private func write(_ level: SoundLevel, to writer: inout JSONWriter) {
        writer.field("type", "level")
        writer.field("level_db", Double(level.levelDecibels), decimals: 1)
        writer.field("peak_db", Double(level.peakDecibels), decimals: 1)
        writer.field("clip", level.isClipping)
        writer.field("speech_p", Double(level.speechProbability), decimals: 3)
        writer.field("t", seconds(level.sample), decimals: 3)
    }

    private func name(of label: Int) -> String {
        labels.indices.contains(label) ? labels[label] : Self.unnamed
    }

    private func seconds(_ sample: Int64) -> Double { Double(sample) / Double(audioClockRate) }
}
