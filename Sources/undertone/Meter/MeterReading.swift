// SPDX-License-Identifier: Apache-2.0
public import EventSocket

/// What a daemon's messages say of this moment: everything that the meter shows. Pure.
///
/// Times called `now` are seconds on a clock that never jumps.
public struct MeterReading: Sendable {
    /// Whether a daemon is there to ask.
    public enum Link: Sendable, Equatable {
        case connected
        /// It went away, for this reason; it is looked for again and again.
        case lost(reason: String)
    }

    /// One thing heard, in the words of an estimate.
    struct Verdict: Sendable, Equatable {
        /// The label, or nil.
        var label: String?
        /// Why there is no label.
        var reason: String
        var confidence: Double
        var heardSeconds: Double
        var stableSeconds: Double?
    }

    /// Whether a daemon is there.
    public internal(set) var link = Link.connected
    /// The model's labels.
    private(set) var labels: [String]
    /// The model's attributes.
    private(set) var attributes: [String]
    private(set) var model: String

    var capture = "starting"
    var device: String?
    package var levelDecibels: Double?
    var peakDecibels: Double?
    var speechProbability: Double?
    var isSpeech = false
    /// Probabilities in the order of the labels; empty while nobody speaks.
    package var probabilities: [Double] = []
    /// In the order of the attributes; empty while nobody speaks.
    var attributeValues: [Double] = []
    var current: Verdict?
    var last: Verdict?
    var lagMilliseconds: Double?
    var lostSamples = 0
    var missedMessages = 0
    var audioSeconds = 0.0

    /// When the last message came.
    private var newsAt = 0.0
    private var held: (decibels: Double, since: Double)?
    private var clippedAt: Double?

    /// Nothing heard yet from the daemon that said `hello`.
    public init(labels: [String], attributes: [String], model: String) {
        (self.labels, self.attributes, self.model) = (labels, attributes, model)
    }

    /// Notes that the daemon is gone; what it said last stays, but for what would look alive.
    public mutating func disconnect(reason: String) {
        link = .lost(reason: reason)
        forgetSound()
    }

    /// Takes the next message.
    public mutating func step(_ message: JSONValue, at now: Double) {
        newsAt = now
        switch message["type"]?.string {
        case "hello": noteModel(message["model"])
        case "snapshot":
            if let state = message["state"] { noteState(state) }
        case "state": noteState(message)
        case "level": noteLevel(message, now)
        case "vad": isSpeech = message["speech"]?.bool ?? isSpeech
        case "estimate": noteEstimate(message, now)
        case "overrun": lostSamples = message["total"]?.integer ?? lostSamples
        case "gap": missedMessages += message["dropped"]?.integer ?? 0
        default: break
        }
    }

    /// A second greeting tells that another model, or other thresholds, took over.
    private mutating func noteModel(_ message: JSONValue?) {
        guard let message else { return }
        model = message["id"]?.string ?? model
        labels = message["labels"]?.array?.compactMap(\.string) ?? labels
        attributes = message["dims"]?.object?.keys.sorted() ?? attributes
        (probabilities, attributeValues, current) = ([], [], nil)
    }

    /// For how many seconds a daemon that should tell something several times a second has said nothing; nil while all is
    /// well.
    func silenceSeconds(at now: Double) -> Double? {
        guard link == .connected, capture == "open", now - newsAt > 2 else { return nil }
        return now - newsAt
    }

    /// The same without what would look alive.
    var withoutSound: MeterReading {
        var reading = self
        reading.forgetSound()
        return reading
    }

    private mutating func noteState(_ state: JSONValue) {
        capture = state["capture"]?.string ?? "unknown"
        device = state["device"]?.string ?? device
        if capture != "open" { forgetSound() }
    }

    private mutating func forgetSound() {
        (levelDecibels, peakDecibels, speechProbability) = (nil, nil, nil)
        (isSpeech, probabilities, attributeValues) = (false, [], [])
        (current, lagMilliseconds) = (nil, nil)
    }
}

extension MeterReading {
    private mutating func noteLevel(_ message: JSONValue, _ now: Double) {
        levelDecibels = message["level_db"]?.number
        peakDecibels = message["peak_db"]?.number
        speechProbability = message["speech_p"]?.number
        audioSeconds = message["t"]?.number ?? audioSeconds
        if message["clip"]?.bool == true { clippedAt = now }
        if let peakDecibels, peakDecibels >= heldPeakDecibels(at: now) ?? -.infinity {
            held = (peakDecibels, now)
        }
    }

    private mutating func noteEstimate(_ message: JSONValue, _ now: Double) {
        isSpeech = message["utt"]?.number != nil && message["final"]?.bool != true
        lagMilliseconds = message["final"]?.bool == true ? lagMilliseconds : message["lag_ms"]?.number
        audioSeconds = max(audioSeconds, message["span"]?.array?.last?.number ?? 0)
        if message["quality"]?["clip"]?.bool == true { clippedAt = now }
        // A daemon that knows no levels tells this one with each estimate.
        if peakDecibels == nil { levelDecibels = message["quality"]?["level_db"]?.number }
        let verdict = Verdict(message)
        if message["final"]?.bool == true { last = verdict }
        current = isSpeech ? verdict : nil
        probabilities = isSpeech ? labels.map { message["p"]?[$0]?.number ?? 0 } : []
        attributeValues = isSpeech ? attributes.map { message["dims"]?[$0]?.number ?? 0 } : []
    }

    /// The loudest peak of the last moments: it stays for 1.5 s and then falls by 20 dB a second.
    package func heldPeakDecibels(at now: Double) -> Double? {
        held.map { max(-120, $0.decibels - 20 * max(0, now - $0.since - 1.5)) }
    }

    /// Whether samples reached full scale in the last 2 s: too short a flash would be missed.
    func isClipping(at now: Double) -> Bool { clippedAt.map { now - $0 < 2 } ?? false }
}

extension MeterReading.Verdict {
    fileprivate init(_ message: JSONValue) {
        label = message["label"]?.string
        reason = message["why"]?.string ?? "unknown"
        confidence = message["conf"]?.number ?? 0
        heardSeconds = (message["heard_ms"]?.number ?? 0) / 1_000
        let stable = message["stable"]
        stableSeconds =
            stable?["label"]?.string == label ? stable?["for_ms"]?.number.map { $0 / 1_000 } : nil
    }
}
