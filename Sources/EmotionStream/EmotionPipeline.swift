// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
public import EmotionEvents
import SpeechFeatures

/// Samples in, events out: features, network, speech gate and estimates on one page.
///
/// Everything is cut into hops of 10 ms here, so the events do not depend on how the samples arrive: the same signal
/// in any cut gives the same events. Used as it is for files; ``InferenceLoop`` runs it on a thread for a microphone.
///
/// - State: carried from call to call; ``reset()`` returns to the state after `init`, sequence numbers excepted.
/// - Thread: one at a time. Nothing is allocated after `init`.
public struct EmotionPipeline: ~Copyable, Sendable {
    /// The model's labels, in the order of the probabilities.
    public let labels: [String]
    /// Samples taken so far, losses included: the audio clock.
    public private(set) var position: Int64 = 0
    /// True if samples were taken since the start, or the last ``reset()`` or ``breakOff(_:)``.
    public private(set) var hasHeard = false

    private let encoder: EmotionEncoder
    private var features: OnlineFeatures
    private var state: EmotionEncoder.State
    private var hop: HopBuffer
    private var tracker: UtteranceTracker
    private var reportsLevels: Bool
    private var levels = LevelReporter()

    /// A pipeline for `model`, which names the features that it was trained on.
    ///
    /// - Parameter reportsLevels: whether it also says how loud it is, twenty times a second.
    public init(_ model: StreamModel, settings: StreamSettings? = nil, reportsLevels: Bool = false) {
        self.reportsLevels = reportsLevels
        labels = model.labels
        encoder = model.encoder
        features = model.features
        features.reset()  // writes, and so takes its own memory now and not in the first step
        state = encoder.makeState()
        hop = HopBuffer(model.features.featureSet)
        tracker = UtteranceTracker(settings ?? model.settings, model: model)
    }

    /// Takes any number of samples (16 kHz, full scale -1...1) and emits what they bring about, in order.
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

    /// As `step`, with the pooled vector `[pooledCount]` of each sound in place of events; for training the head that
    /// names sounds without words.
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

    /// Steps features and network by a hop; true when a new embedding came out.
    ///
    /// Static, since the compiler takes a closure in a method for a use of all of `self`, while `features` changes.
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

    /// Moves the audio clock over samples that were lost before they came here.
    public mutating func skip(lostSamples: Int64) { position += lostSamples }

    /// Ends the input: closes the utterance that is open, if any, with its final estimate.
    public mutating func finish(_ emit: (EmotionEvent) -> Void) {
        tracker.finish(encoder, &state, now: position, emit)
    }

    /// Closes the utterance that is open and forgets everything heard, as after a gap. The audio clock goes on.
    ///
    /// - Parameter keepingVoices: whether the baselines of voices stay, as after a short loss of audio.
    public mutating func breakOff(keepingVoices: Bool = false, _ emit: (EmotionEvent) -> Void) {
        finish(emit)
        // What had come of the next hop was heard by nobody, but it was there, and the clock counts it.
        position += Int64(hop.waitingCount)
        forget(at: position, keepingVoices: keepingVoices)
    }

    /// Overwrites what is known of voices. Does nothing if nothing is.
    public mutating func forgetVoices() { tracker.forgetVoices() }

    /// Whether nothing is known of any voice; for tests.
    package var hasWipedVoices: Bool { tracker.hasWipedVoices }

    /// Forgets everything heard and sets the audio clock to 0. Sequence and utterance numbers go on.
    /// What is known of voices is overwritten.
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

    /// Goes on where `old` is: its numbers and its audio clock, but nothing of what it has heard.
    mutating func takeOver(from old: borrowing EmotionPipeline) {
        position = old.position
        reportsLevels = old.reportsLevels
        tracker.takeOver(from: old.tracker)
        tracker.reset(at: position, keepingVoices: false)
    }
}
