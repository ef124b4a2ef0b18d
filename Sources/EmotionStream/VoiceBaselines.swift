// SPDX-License-Identifier: Apache-2.0
package import EmotionEncoder
import EmotionEvents

/// Baselines of the voices of the last minutes: mean and deviation of each voice's pooled vectors.
///
/// Usual voices differ more between people than emotions differ within one voice. So the pooled vector of an
/// utterance is standardised by earlier utterances of the same voice, shrunk towards the population: with n earlier
/// utterances of mean m and variance v, and the population's mean M and deviation S,
///
///     mean = (k M + n m) / (k + n)      deviation = sqrt((q S^2 + n v) / (q + n))
///
/// The voice is identified by the cosine between the utterance and each voice over one slice of the vector, the
/// part in which the model distinguishes speakers. All of it is in memory only, in arrays that never move or grow, and
/// ``forgetAll()`` overwrites them with zeros.
///
/// - Thread: one at a time. Nothing is allocated after `init`.
package struct VoiceBaselines: Sendable {
    /// Result of the search for the voice of an utterance.
    package enum Match: Sendable, Equatable {
        /// Too little speech, or a similarity between the two thresholds: no baseline is used or updated.
        case unsure
        /// No known voice is similar.
        case new
        /// The known voice with this index.
        case known(Int)
    }

    private struct Voice {
        var utterances = 0
        var milliseconds: Int64 = 0
        var lastHeard: Int64 = 0
    }

    private let settings: VoiceSettings
    private let population: VoiceStatistics
    private let slice: Range<Int>
    private var voices: [Voice]
    // Running means, and sums of squared distances from them (Welford 1962), one row for each voice.
    private var means: [Double]
    private var squares: [Double]
    private var current: VoiceStatistics
    private var currentVoice: Int?

    /// No voices yet.
    ///
    /// - Parameter slice: the part of a pooled vector that distinguishes speakers.
    package init(_ settings: VoiceSettings, population: VoiceStatistics, slice: Range<Int>) {
        (self.settings, self.population, self.slice) = (settings, population, slice)
        let count = population.mean.count
        voices = Array(repeating: Voice(), count: settings.mostVoices)
        means = Array(repeating: 0, count: settings.mostVoices * count)
        squares = Array(repeating: 0, count: settings.mostVoices * count)
        // Separate arrays, so that writing to them never allocates.
        current = VoiceStatistics(
            mean: population.mean.map { $0 },
            deviation: population.deviation.map { $0 }
        )
    }

    private var width: Int { population.mean.count }

    /// Number of voices known.
    package var count: Int { voices.reduce(0) { $0 + ($1.utterances > 0 ? 1 : 0) } }

    /// Speech in the learned utterances of a voice, in seconds; 0 for an unknown voice.
    package func seconds(_ match: Match) -> Float {
        guard case .known(let voice) = match else { return 0 }
        return Float(voices[voice].milliseconds) / 1000
    }

    /// Finds the voice of an utterance with the pooled vector `[pooledCount]` so far.
    package func match(_ pooled: [Float], heardMilliseconds: Int) -> Match {
        if heardMilliseconds < settings.minimumHeardMilliseconds { return .unsure }
        var best: (voice: Int, similarity: Double)?
        for voice in voices.indices where voices[voice].utterances > 0 {
            let similarity = similarity(pooled, voice)
            if similarity > best?.similarity ?? -2 { best = (voice, similarity) }
        }
        guard let best else { return .new }
        if best.similarity >= settings.same { return .known(best.voice) }
        return best.similarity < settings.other ? .new : .unsure
    }

    /// Cosine between the standardised slice of a pooled vector and that of a voice's mean.
    private func similarity(_ pooled: [Float], _ voice: Int) -> Double {
        let row = voice * width
        var (product, a, b) = (0.0, 0.0, 0.0)
        for i in slice {
            let (mean, deviation) = (Double(population.mean[i]), Double(population.deviation[i]))
            let x = (Double(pooled[i]) - mean) / deviation
            let y = (means[row + i] - mean) / deviation
            product += x * y
            a += x * x
            b += y * y
        }
        return product / max((a * b).squareRoot(), 1e-12)
    }

    /// Statistics to standardise an utterance of this voice by; nil for those of the population.
    package mutating func statistics(_ match: Match) -> VoiceStatistics? {
        guard case .known(let voice) = match else { return nil }
        if currentVoice != voice { compute(voice) }
        return current
    }

    private mutating func compute(_ voice: Int) {
        currentVoice = voice
        let (n, row) = (Double(voices[voice].utterances), voice * width)
        for i in 0..<width {
            let (mean, deviation) = (Double(population.mean[i]), Double(population.deviation[i]))
            let (k, q) = (settings.priorMean, settings.priorDeviation)
            current.mean[i] = Float((k * mean + n * means[row + i]) / (k + n))
            // The sum of squares is n v.
            let variance = (q * deviation * deviation + squares[row + i]) / (q + n)
            current.deviation[i] = Float(max(variance.squareRoot(), 0.01 * deviation))
        }
    }
}

extension VoiceBaselines {
    /// Adds an utterance that ended at `sample` on the audio clock to its voice; a new voice takes a free place, or that
    /// of the voice that last spoke the longest ago.
    package mutating func learn(_ pooled: [Float], _ match: Match, heardMilliseconds: Int, at sample: Int64) {
        guard heardMilliseconds >= settings.minimumLearnedMilliseconds else {
            // Too short to learn from, but the voice is still active.
            if case .known(let voice) = match { voices[voice].lastHeard = sample }
            return
        }
        guard pooled.allSatisfy(\.isFinite) else { return }
        switch match {
        case .unsure: return
        case .known(let voice): add(pooled, to: voice, heardMilliseconds, sample)
        case .new:
            let voice = placeForNewVoice
            forget(voice)
            add(pooled, to: voice, heardMilliseconds, sample)
        }
    }

    private var placeForNewVoice: Int {
        var place = 0
        for voice in voices.indices {
            if voices[voice].utterances == 0 { return voice }
            if voices[voice].lastHeard < voices[place].lastHeard { place = voice }
        }
        return place
    }

    private mutating func add(_ pooled: [Float], to voice: Int, _ milliseconds: Int, _ sample: Int64) {
        voices[voice].utterances += 1
        voices[voice].milliseconds += Int64(milliseconds)
        voices[voice].lastHeard = sample
        let (n, row) = (Double(voices[voice].utterances), voice * width)
        for i in 0..<width {
            let distance = Double(pooled[i]) - means[row + i]
            means[row + i] += distance / n
            squares[row + i] += distance * (Double(pooled[i]) - means[row + i])
        }
        if currentVoice == voice { currentVoice = nil }
    }

    /// Removes voices that have not spoken for a long time.
    package mutating func expire(at sample: Int64) {
        let limit = Int64(settings.forgetAfterSeconds) * Int64(audioClockRate)
        for voice in voices.indices where voices[voice].utterances > 0 {
            if sample - voices[voice].lastHeard > limit { forget(voice) }
        }
    }

    /// Overwrites the baselines of all voices, if any.
    package mutating func forgetAll() {
        for voice in voices.indices where voices[voice].utterances > 0 { forget(voice) }
    }

    private mutating func forget(_ voice: Int) {
        voices[voice] = Voice()
        for i in voice * width..<(voice + 1) * width { (means[i], squares[i]) = (0, 0) }
        guard currentVoice == voice || currentVoice == nil else { return }
        currentVoice = nil
        for i in 0..<width {
            (current.mean[i], current.deviation[i]) = (population.mean[i], population.deviation[i])
        }
    }

    /// True if no number of any voice is left; for tests.
    package var isWiped: Bool {
        means.allSatisfy { $0 == 0 } && squares.allSatisfy { $0 == 0 }
            && current.mean == population.mean && current.deviation == population.deviation
            && voices.allSatisfy { $0.utterances == 0 && $0.milliseconds == 0 && $0.lastHeard == 0 }
    }
}
