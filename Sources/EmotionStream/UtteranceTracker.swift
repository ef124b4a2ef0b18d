// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import EmotionEvents

/// Turns speech probabilities and pooled emotions into utterances and estimates.
///
/// Owns the gate, the meter and the numbering; the caller passes the network's state to each call.
struct UtteranceTracker: HopMeter {
    private let settings: StreamSettings
    private let samplesPerFrame: Int64
    private let interval: Int64
    private var gate: SpeechGate
    private var meter = SoundMeter()
    private var stableLabel: StableLabelTracker
    private var choice: LabelChoice
    private var probabilities: ClassProbabilities
    private var pooled: [Float]
    private let noAttributes: AttributeValues
    private var attributes: AttributeValues
    private var attributeValues: [Float]
    private var window: EstimateWindow
    // Nil without voice baselines.
    private var voices: VoiceBaselines?
    private var voiceMatch = VoiceBaselines.Match.unsure
    private var pooledVector: [Float]
    // Nil for a model that cannot pool sounds without words.
    private var vocal: VocalTracker?
    private var sequence: UInt64 = 0
    private var utterance: UInt64 = 0
    private var revision = 0
    private var startSample: Int64 = 0
    private var heardSamples: Int64 = 0
    private var firstSample: Int64 = 0
    private var nextTick: Int64

    init(_ settings: StreamSettings, model: StreamModel) {
        self.settings = settings
        samplesPerFrame = Int64(model.samplesPerEmbedding)
        interval = Int64(settings.estimateIntervalMilliseconds) * Int64(audioClockRate) / 1000
        gate = SpeechGate(settings, sampleRate: audioClockRate)
        stableLabel = StableLabelTracker(settings, sampleRate: audioClockRate)
        choice = LabelChoice(margin: settings.labelMargin)
        probabilities = ClassProbabilities(uniformOver: model.labels.count)
        pooled = [Float](repeating: 0, count: model.labels.count)
        attributeValues = [Float](repeating: 0, count: model.attributes.count)
        window = EstimateWindow(
            milliseconds: settings.windowMilliseconds,
            samplesPerFrame: model.samplesPerEmbedding
        )
        voices = settings.voiceBaseline ? model.makeVoiceBaselines() : nil
        pooledVector = [Float](repeating: 0, count: voices == nil ? 0 : model.encoder.pooledCount)
        vocal =
            model.encoder.poolsSounds
            ? VocalTracker(model.encoder, samplesPerEmbedding: model.samplesPerEmbedding) : nil
        noAttributes = AttributeValues(attributeValues, isClipped: false)
        attributes = noAttributes
        nextTick = interval
    }

    /// Clears the utterance and the sound; the next sample is at `position`.
    ///
    /// - Parameter keepingVoices: true to keep the baselines of voices.
    mutating func reset(at position: Int64, keepingVoices: Bool) {
        if !keepingVoices { forgetVoices() }
        for i in pooledVector.indices { pooledVector[i] = 0 }
        voiceMatch = .unsure
        gate.reset()
        vocal?.reset()
        meter = SoundMeter()
        stableLabel.reset()
        choice.reset()
        revision = 0
        heardSamples = 0
        firstSample = position
        nextTick = position + interval
    }

    /// Overwrites the baselines of voices.
    mutating func forgetVoices() { voices?.forgetAll() }

    /// True if there is no baseline of any voice; for tests.
    var hasWipedVoices: Bool { (voices?.isWiped ?? true) && pooledVector.allSatisfy { $0 == 0 } }

    /// Continues the numbers of `old`.
    mutating func takeOver(from old: UtteranceTracker) {
        sequence = old.sequence
        utterance = old.utterance
    }

    /// Processes the samples of one hop, raw and after the high-pass.
    mutating func hear(_ hop: Span<Float>, filtered: Span<Float>) { meter.step(hop, filtered: filtered) }

    /// Processes a new embedding of the network.
    mutating func step(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        now: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        if encoder.namesVocalSounds, let sound = vocal?.step(encoder, &state, meter, now: now) {
            emit(.vocal(sound))
        }
        let probability =
            meter.recentDecibels >= settings.minimumLevelDecibels ? state.speechProbability : 0
        let change = gate.step(probability: probability, samples: max(0, now - samplesPerFrame)..<now)
        if change == .candidate { beginCandidate(encoder, &state) }
        window.step(&state)
        if probability >= 0.5 { heardSpeech() }
        switch change {
        case .began(let start): begin(at: start, emit)
        case .ended(let end): finish(encoder, &state, at: end, emit)
        case .candidate, nil: break
        }
    }

    /// Processes a new embedding, for training the head that classifies sounds without words.
    mutating func stepForTraining(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        now: Int64,
        _ sound: ([Float]) -> Void
    ) {
        if let vector = vocal?.stepForTraining(encoder, &state, meter, now: now) { sound(vector) }
    }

    /// Makes an estimate if one is due.
    mutating func tick(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        now: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        guard now >= nextTick else { return }
        nextTick += interval * ((now - nextTick) / interval + 1)
        voices?.expire(at: now)
        if gate.isInUtterance {
            emit(.estimate(speechEstimate(encoder, &state, now, isFinal: false)))
        } else {
            emit(.estimate(silentEstimate(now)))
        }
    }

    /// Ends the current utterance, because the input ended.
    mutating func finish(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        now: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        if case .ended(let end) = gate.finish(at: now) { finish(encoder, &state, at: end, emit) }
    }
}

extension UtteranceTracker {
    private mutating func beginCandidate(_ encoder: EmotionEncoder, _ state: inout EmotionEncoder.State) {
        encoder.resetPool(&state)
        window.begin()
        voiceMatch = .unsure
        meter.beginUtterance()
        stableLabel.reset()
        choice.reset()
        heardSamples = 0
        revision = 0
    }

    private mutating func heardSpeech() {
        heardSamples += samplesPerFrame
        meter.heardSpeech()
    }

    private mutating func begin(at start: Int64, _ emit: (EmotionEvent) -> Void) {
        utterance += 1
        startSample = start
        let wall = WallTime.now()
        let level = meter.levelDecibels
        emit(.voiceActivity(isSpeech: true, sample: start, levelDecibels: level, wallNanoseconds: wall))
        emit(.utteranceStarted(utterance: utterance, sample: start, wallNanoseconds: wall))
    }

    private mutating func finish(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        at end: Int64,
        _ emit: (EmotionEvent) -> Void
    ) {
        let final = speechEstimate(encoder, &state, end, isFinal: true)
        if final.verdict.label != nil {
            voices?.learn(pooledVector, voiceMatch, heardMilliseconds: final.heardMilliseconds, at: end)
        }
        emit(.utteranceEnded(utterance: utterance, sample: end, final: final))
        let (level, wall) = (meter.levelDecibels, final.wallNanoseconds)
        emit(.voiceActivity(isSpeech: false, sample: end, levelDecibels: level, wallNanoseconds: wall))
    }

    private mutating func speechEstimate(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        _ end: Int64,
        isFinal: Bool
    ) -> Estimate {
        let voice = voiceStatistics(encoder, &state)
        let isRecent = !isFinal
        encoder.classProbabilities(of: &state, recent: isRecent, voice: voice, into: &pooled)
        probabilities = ClassProbabilities(pooled.span)
        attributes = attributes(encoder, &state, recent: isRecent, voice)
        revision += 1
        let verdict = verdict(isFinal: isFinal)
        let held = verdict.label.flatMap { stableLabel.step(label: $0, sample: end) }
        let start = isFinal ? startSample : window.start(of: startSample..<end)
        return estimate(from: start, to: end, of: utterance, verdict, stable: held, isFinal: isFinal)
    }

    /// Looks for the voice of the utterance so far; nil for the statistics of the population.
    private mutating func voiceStatistics(_ encoder: EmotionEncoder, _ state: inout EmotionEncoder.State)
        -> VoiceStatistics?
    {
        guard voices != nil else { return nil }
        encoder.copyPooled(&state, into: &pooledVector)
        let heard = heardMilliseconds
        voiceMatch = voices?.match(pooledVector, heardMilliseconds: heard) ?? .unsure
        return voices?.statistics(voiceMatch)
    }

    private mutating func attributes(
        _ encoder: EmotionEncoder,
        _ state: inout EmotionEncoder.State,
        recent: Bool,
        _ voice: VoiceStatistics?
    ) -> AttributeValues {
        var values = attributeValues.mutableSpan
        let isClipped = encoder.attributes(of: &state, recent: recent, voice: voice, into: &values)
        return AttributeValues(attributeValues.span, isClipped: isClipped)
    }

    private mutating func silentEstimate(_ now: Int64) -> Estimate {
        let warmUp = Int64(settings.warmUpMilliseconds) * Int64(audioClockRate) / 1000
        let reason: NoLabelReason = now < firstSample + warmUp ? .warmingUp : .noSpeech
        probabilities = ClassProbabilities(uniformOver: probabilities.count)
        let start = max(firstSample, now - interval)
        return estimate(from: start, to: now, of: nil, .none(reason), stable: nil, isFinal: false)
    }

    private mutating func verdict(isFinal: Bool) -> Verdict {
        if heardMilliseconds < settings.minimumHeardMilliseconds { return .none(.tooShort) }
        if meter.clippedShare > settings.maximumClippedShare { return .none(.clipping) }
        if meter.signalToNoiseDecibels < settings.minimumSignalToNoiseDecibels {
            return .none(.lowSignalToNoise)
        }
        return .label(choice.step(probabilities, isFinal: isFinal))
    }

    private var heardMilliseconds: Int { Int(heardSamples * 1000 / Int64(audioClockRate)) }

    private mutating func estimate(
        from start: Int64,
        to end: Int64,
        of utterance: UInt64?,
        _ verdict: Verdict,
        stable: StableLabel?,
        isFinal: Bool
    ) -> Estimate {
        defer { sequence += 1 }
        return Estimate(
            sequence: sequence,
            utterance: utterance,
            revision: utterance == nil ? 0 : revision,
            isFinal: isFinal,
            startSample: start,
            endSample: end,
            wallNanoseconds: WallTime.now(),
            verdict: verdict,
            probabilities: probabilities,
            heardMilliseconds: utterance == nil ? 0 : heardMilliseconds,
            stable: stable,
            quality: meter.quality,
            lagMilliseconds: 0,
            attributes: utterance == nil ? noAttributes : attributes,
            voiceSeconds: utterance == nil ? 0 : voices?.seconds(voiceMatch) ?? 0
        )
    }
}
