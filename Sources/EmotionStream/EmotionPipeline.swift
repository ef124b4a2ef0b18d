// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
public import EmotionEvents
import SpeechFeatures

/// Analyses samples into events: features, network, speech gate and estimates.
///
/// Samples are split into hops of 10 ms here, so the same signal gives the same events for any split of the input.
/// Used directly for files; ``InferenceLoop`` runs it on a thread for a microphone.
///
/// - State: carried from call to call; ``reset()`` returns to the state after `init`, sequence numbers excepted.
/// - Thread: one at a time. Nothing is allocated after `init`.
public struct EmotionPipeline: ~Copyable, Sendable {
    /// The model's labels, in the order of the probabilities.
    public let labels: [String]
    /// Samples processed so far, including losses: the audio clock.
    public private(set) var position: Int64 = 0
    /// True if samples were processed since the start, or the last ``reset()`` or ``breakOff(_:)``.
    public private(set) var hasHeard = false

    private let encoder: EmotionEncoder
    private var features: OnlineFeatures
    private var state: EmotionEncoder.State
    private var hop: HopBuffer
    private var tracker: UtteranceTracker
    private var reportsLevels: Bool
    private var levels = LevelReporter()

    /// A pipeline for `model`, which defines the features that it was trained on.
    ///
    /// - Parameter reportsLevels: true to also emit the sound level, twenty times a second.
    public init(_ model: StreamModel, settings: StreamSettings? = nil, reportsLevels: Bool = false) {
        self.reportsLevels = reportsLevels
        labels = model.labels
        encoder = model.encoder
        features = model.features
        features.reset()  // forces copy-on-write here, so the first step does not allocate
        state = encoder.makeState()
        hop = HopBuffer(model.features.featureSet)
        tracker = UtteranceTracker(settings ?? model.settings, model: model)
    }

    /// Processes any number of samples (16 kHz, full scale -1...1) and emits their events in order.
    public mutating func step(_ samples: Span<Float>, _ emit: (EmotionEvent) -> Void) {
        var rest = samples
        hasHeard = hasHeard || !samples.isEmpty
        while hop.fill(from: &rest) {
            position += Int64(hop.count)
            hop.pass(to: &tracker)
            if Self.step(&features, encoder, &state, by: hop) {
                tracker.step(encoder, &state, now: position, emit)
            }
            tracker.tick(encoder, &state, now: position, emit)
            if reportsLevels { reportLevel(emit) }
        }
    }

    /// Like `step`, but emits the pooled vector `[pooledCount]` of each sound; for training the head that
    /// classifies sounds without words.
    package mutating func stepForTraining(_ samples: Span<Float>, _ sound: ([Float]) -> Void) {
        var rest = samples
        while hop.fill(from: &rest) {
            position += Int64(hop.count)
            hop.pass(to: &tracker)
            if Self.step(&features, encoder, &state, by: hop) {
                tracker.stepForTraining(encoder, &state, now: position, sound)
            }
        }
    }

    /// Steps features and network by a hop; true if there is a new embedding.
    ///
    /// Static, since the compiler treats a closure in a method as a use of all of `self`, while `features` changes.
    private static func step(
        _ features: inout OnlineFeatures,
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        by hop: HopBuffer
    ) -> Bool {
        var isNew = false
        // A model of the first feature version takes raw samples.
        if features.featureSet.highPass == nil {
            features.step(hop.samples.span) { frame in isNew = encoder.step(frame, &state) }
        } else {
            features.step(filtered: hop.filtered.span) { frame in isNew = encoder.step(frame, &state) }
        }
        return isNew
    }

    private mutating func reportLevel(_ emit: (EmotionEvent) -> Void) {
        hop.pass(to: &levels)
        let level = levels.take(speechProbability: state.speechProbability, now: position)
        if let level { emit(.level(level)) }
    }

    /// Advances the audio clock by samples that were lost before they arrived here.
    public mutating func skip(lostSamples: Int64) { position += lostSamples }

    /// Ends the input: ends the current utterance, if any, with its final estimate.
    public mutating func finish(_ emit: (EmotionEvent) -> Void) {
        tracker.finish(encoder, &state, now: position, emit)
    }

    /// Ends the current utterance and clears the analysis state, as after a gap. The audio clock continues.
    ///
    /// - Parameter keepingVoices: true to keep the baselines of voices, as after a short loss of audio.
    public mutating func breakOff(keepingVoices: Bool = false, _ emit: (EmotionEvent) -> Void) {
        finish(emit)
        // Counts the incomplete hop: captured, but not analysed.
        position += Int64(hop.waitingCount)
        forget(at: position, keepingVoices: keepingVoices)
    }

    /// Overwrites the baselines of voices, if any.
    public mutating func forgetVoices() { tracker.forgetVoices() }

    /// True if there is no baseline of any voice; for tests.
    package var hasWipedVoices: Bool { tracker.hasWipedVoices }

    /// Clears the analysis state, overwrites the baselines of voices and sets the audio clock to 0. Sequence and
    /// utterance numbers continue.
    public mutating func reset() {
        forget(at: 0, keepingVoices: false)
        position = 0
    }

    private mutating func forget(at position: Int64, keepingVoices: Bool) {
        features.reset()
        encoder.reset(&state)
        hop.removeAll()
        levels = LevelReporter()
        tracker.reset(at: position, keepingVoices: keepingVoices)
        hasHeard = false
    }

    /// Continues the numbers and the audio clock of `old`, but not its analysis state.
    mutating func takeOver(from old: borrowing EmotionPipeline) {
        position = old.position
        reportsLevels = old.reportsLevels
        tracker.takeOver(from: old.tracker)
        tracker.reset(at: position, keepingVoices: false)
    }
}
