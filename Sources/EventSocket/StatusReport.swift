// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents

/// State of the daemon: the answer to `status`.
///
/// The daemon fills in capture, inference and process; the server adds the clients.
public struct StatusReport: Sendable, Equatable {
    /// Samples captured since capture started, 16 kHz.
    public var capturedSamples: Int64 = 0
    /// Samples analysed.
    public var consumedSamples: Int64 = 0
    /// Captured samples that were not analysed, each reported by an `overrun` with `exact`.
    public var lostSamples: Int64 = 0
    /// Captured samples not analysed yet: captured = consumed + lost + waiting.
    public var waitingSamples: Int64 = 0
    /// Audio never captured because the device overran or was disconnected, in seconds by the clock.
    public var missedSeconds = 0.0
    /// Age of the newest captured sample in milliseconds; nil if audio has no age (a file), or before the first sample.
    public var audioAgeMilliseconds: Double?
    /// State of capture.
    public var capture = CaptureCondition.starting
    /// True while a hold exists, even if the driver has not closed the microphone yet.
    public var isMuted = false
    /// True while `unmute` would be refused.
    public var isMuteLocked = false
    /// Holds that keep the microphone closed, oldest first.
    public var holds: [MuteHold] = []
    /// Time until the next attempt to open a lost device, in milliseconds; 0 for none.
    public var retryMilliseconds = 0
    /// Reason for the last device failure, even if the device works again; nil if there was none.
    public var lastError: String?
    /// Name of the device.
    public var device: String?
    /// Name of the model.
    public var model = ""
    /// True if estimates use a baseline of the same voice: the model supports it, and `voice_baseline` is on.
    public var followsVoices = false
    /// CPU time of the process in percent of one CPU, over the last second or more.
    public var cpuPercent = 0.0
    /// Resident memory of the process, in bytes.
    public var residentBytes: Int64 = 0
    /// Inference time divided by the duration of the audio; below 1 is faster than real time.
    public var realTimeFactor = 0.0
    /// Seconds since the daemon started.
    public var uptimeSeconds = 0.0
    /// Level of the sound in decibels relative to full scale, -120...0; nil while there is none. Filled in by the server.
    public var levelDecibels: Double?
    /// Connections on both sockets. Filled in by the server.
    public var clients = 0
    /// Subscriptions. Filled in by the server.
    public var subscriptions = 0
    /// Messages that slow clients lost. Filled in by the server.
    public var droppedMessages: UInt64 = 0
    /// Events lost between inference and server. Filled in by the server.
    public var lostEvents: UInt64 = 0

    /// An empty report.
    public init() {}

    /// Appends the fields to the object that is open in `writer`.
    public func write(to writer: inout JSONWriter) {
        writer.field("capture", capture.word)
        writer.field("muted", isMuted)
        writer.field("locked", isMuteLocked)
        writer.beginArray("holds")
        for hold in holds {
            writer.beginObject()
            hold.write(to: &writer)
            writer.endObject()
        }
        writer.endArray()
        if let device { writer.field("device", device) }
        if retryMilliseconds > 0 { writer.field("retry_ms", retryMilliseconds) }
        if let lastError { writer.field("last_error", lastError) }
        writer.field("model", model)
        writer.field("voice_baseline", followsVoices)
        writer.field("captured", capturedSamples)
        writer.field("consumed", consumedSamples)
        writer.field("lost", lostSamples)
        writer.field("waiting", waitingSamples)
        writer.field("missed_s", missedSeconds, decimals: 3)
        if let audioAgeMilliseconds { writer.field("audio_age_ms", audioAgeMilliseconds, decimals: 1) }
        if let levelDecibels { writer.field("level_db", levelDecibels, decimals: 1) }
        writer.field("real_time_factor", realTimeFactor, decimals: 4)
        writer.field("cpu_percent", cpuPercent, decimals: 2)
        writer.field("rss_bytes", residentBytes)
        writer.field("uptime_s", uptimeSeconds, decimals: 1)
        writer.field("clients", clients)
        writer.field("subscriptions", subscriptions)
        writer.field("dropped_messages", droppedMessages)
        writer.field("lost_events", lostEvents)
    }

    /// Reads the fields from a `status` message; those that are missing keep their defaults.
    public init(_ message: JSONValue) {
        func integer(_ name: String) -> Int64 { Int64(message[name]?.integer ?? 0) }
        capture = CaptureCondition.allCases.first { "\($0.word)" == message["capture"]?.string } ?? .starting
        device = message["device"]?.string
        isMuted = message["muted"]?.bool ?? false
        isMuteLocked = message["locked"]?.bool ?? false
        holds = (message["holds"]?.array ?? []).map(MuteHold.init)
        retryMilliseconds = Int(integer("retry_ms"))
        lastError = message["last_error"]?.string
        waitingSamples = integer("waiting")
        missedSeconds = message["missed_s"]?.number ?? 0
        model = message["model"]?.string ?? ""
        followsVoices = message["voice_baseline"]?.bool ?? false
        capturedSamples = integer("captured")
        consumedSamples = integer("consumed")
        lostSamples = integer("lost")
        audioAgeMilliseconds = message["audio_age_ms"]?.number
        levelDecibels = message["level_db"]?.number
        realTimeFactor = message["real_time_factor"]?.number ?? 0
        cpuPercent = message["cpu_percent"]?.number ?? 0
        residentBytes = integer("rss_bytes")
        uptimeSeconds = message["uptime_s"]?.number ?? 0
        clients = Int(integer("clients"))
        subscriptions = Int(integer("subscriptions"))
        droppedMessages = UInt64(max(0, integer("dropped_messages")))
        lostEvents = UInt64(max(0, integer("lost_events")))
    }
}
