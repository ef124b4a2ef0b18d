// SPDX-License-Identifier: Apache-2.0
public import EventSocket

/// The current state according to a daemon's messages: everything that the meter shows. Pure.
///
/// Times called `now` are seconds on the monotonic clock.
public struct MeterReading: Sendable {
    /// State of the connection to the daemon.
    public enum Link: Sendable, Equatable {
        case connected
        /// The daemon went away for this reason; the meter tries to reconnect.
        case lost(reason: String)
    }

    /// The fields of an estimate that the meter shows.
    struct Verdict: Sendable, Equatable {
        /// The label, or nil.
        var label: String?
        /// The reason if there is no label.
        var reason: String
        var confidence: Double
        var heardSeconds: Double
        var stableSeconds: Double?
    }

    /// The connection to the daemon.
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
    /// Probabilities in the order of the labels; empty without speech.
    package var probabilities: [Double] = []
    /// In the order of the attributes; empty without speech.
    var attributeValues: [Double] = []
    var current: Verdict?
    var last: Verdict?
    var lagMilliseconds: Double?
    var lostSamples = 0
    var missedMessages = 0
    var audioSeconds = 0.0

    /// Time of the last message.
    private var newsAt = 0.0
    private var held: (decibels: Double, since: Double)?
    private var clippedAt: Double?

    /// The reading after `hello`, before any other message.
    public init(labels: [String], attributes: [String], model: String) {
        (self.labels, self.attributes, self.model) = (labels, attributes, model)
    }

    /// Notes that the daemon is gone; keeps the last values except those that would look live.
    public mutating func disconnect(reason: String) {
        link = .lost(reason: reason)
        forgetSound()
    }

    /// Processes the next message.
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

    /// A second `hello` means that another model, or other thresholds, are in use.
    private mutating func noteModel(_ message: JSONValue?) {
        guard let message else { return }
        model = message["id"]?.string ?? model
        labels = message["labels"]?.array?.compactMap(\.string) ?? labels
        attributes = message["dims"]?.object?.keys.sorted() ?? attributes
        (probabilities, attributeValues, current) = ([], [], nil)
    }

    /// Seconds without a message from a daemon that should send several per second; nil while messages arrive.
    func silenceSeconds(at now: Double) -> Double? {
        guard link == .connected, capture == "open", now - newsAt > 2 else { return nil }
        return now - newsAt
    }

    /// The same reading without the values that would look live.
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
        // A daemon without `level` events sends this level with each estimate.
        if peakDecibels == nil { levelDecibels = message["quality"]?["level_db"]?.number }
        let verdict = Verdict(message)
        if message["final"]?.bool == true { last = verdict }
        current = isSpeech ? verdict : nil
        probabilities = isSpeech ? labels.map { message["p"]?[$0]?.number ?? 0 } : []
        attributeValues = isSpeech ? attributes.map { message["dims"]?[$0]?.number ?? 0 } : []
    }

    /// The held peak: it stays for 1.5 s and then falls by 20 dB a second.
    package func heldPeakDecibels(at now: Double) -> Double? {
        held.map { max(-120, $0.decibels - 20 * max(0, now - $0.since - 1.5)) }
    }

    /// True if samples reached full scale in the last 2 s; a shorter indication would be missed.
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
