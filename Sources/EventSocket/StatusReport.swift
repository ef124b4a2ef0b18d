// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents

/// How the daemon is: the answer to `status`.
///
/// The daemon fills in what it knows of capture, inference and process; the server adds what it knows of readers.
public struct StatusReport: Sendable, Equatable {
    /// Samples captured since capture started, 16 kHz.
    public var capturedSamples: Int64 = 0
    /// Samples that went through the network.
    public var consumedSamples: Int64 = 0
    /// Samples lost; captured ones are consumed, lost, or waiting.
    public var lostSamples: Int64 = 0
    /// Age of the newest captured sample in milliseconds; nil where audio has no age (a file), or before the first.
    public var audioAgeMilliseconds: Double?
    /// State of capture.
    public var capture = CaptureCondition.starting
    /// Name of the device.
    public var device: String?
    /// Name of the model.
    public var model = ""
    /// CPU time of the process in percent of one CPU, over the last second or more.
    public var cpuPercent = 0.0
    /// Memory that the process holds, in bytes.
    public var residentBytes: Int64 = 0
    /// Inference time divided by the duration of what went through it; below 1 keeps up.
    public var realTimeFactor = 0.0
    /// Seconds since the daemon started.
    public var uptimeSeconds = 0.0
    /// Level of the sound in decibels relative to full scale, -120...0.
    public var levelDecibels: Double?
    /// Connections on both sockets. Filled in by the server.
    public var clients = 0
    /// Subscriptions. Filled in by the server.
    public var readers = 0
    /// Messages that slow readers lost. Filled in by the server.
    public var droppedMessages: UInt64 = 0
    /// Events lost between inference and server. Filled in by the server.
    public var lostEvents: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Appends the fields to the object that is open in `writer`.
    public func write(to writer: inout JSONWriter) {
        writer.field("capture", capture.word)
        writer.field("muted", capture == .muted)
        if let device { writer.field("device", device) }
        writer.field("model", model)
        writer.field("captured", capturedSamples)
        writer.field("consumed", consumedSamples)
        writer.field("lost", lostSamples)
        if let audioAgeMilliseconds { writer.field("audio_age_ms", audioAgeMilliseconds, decimals: 1) }
        if let levelDecibels { writer.field("level_db", levelDecibels, decimals: 1) }
        writer.field("real_time_factor", realTimeFactor, decimals: 4)
        writer.field("cpu_percent", cpuPercent, decimals: 2)
        writer.field("rss_bytes", residentBytes)
        writer.field("uptime_s", uptimeSeconds, decimals: 1)
        writer.field("clients", clients)
        writer.field("readers", readers)
        writer.field("dropped_messages", droppedMessages)
        writer.field("lost_events", lostEvents)
    }

    /// Reads the fields from a `status` message; those that are missing keep their defaults.
    public init(_ message: JSONValue) {
        func integer(_ name: String) -> Int64 { Int64(message[name]?.integer ?? 0) }
        capture = CaptureCondition.allCases.first { "\($0.word)" == message["capture"]?.string } ?? .starting
        device = message["device"]?.string
        model = message["model"]?.string ?? ""
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
        readers = Int(integer("readers"))
        droppedMessages = UInt64(max(0, integer("dropped_messages")))
        lostEvents = UInt64(max(0, integer("lost_events")))
    }
}
