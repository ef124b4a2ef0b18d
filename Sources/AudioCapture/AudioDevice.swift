// SPDX-License-Identifier: Apache-2.0

/// A device that can be captured from.
public struct AudioDevice: Equatable, Sendable, Encodable {
    /// Who knows the device.
    public enum Backend: String, Sendable, Encodable {
        case pulse, alsa
    }

    /// Who knows it.
    public let backend: Backend
    /// What to write to get this device (see ``DeviceSpecifier``), the same after a restart or a new plug-in order:
    /// ALSA cards are named, never numbered.
    public let id: String
    /// What people call it.
    public let description: String
    /// Samples per second that the hardware offers, lowest and highest; nil if only an attempt would tell.
    public let sampleRates: ClosedRange<Int>?
    /// Channels that the hardware offers, fewest and most; nil if only an attempt would tell.
    public let channelCounts: ClosedRange<Int>?
    /// True for the device that `default` means.
    public let isDefault: Bool
    /// True for what a loudspeaker plays, which is a source as well.
    public let isMonitor: Bool

    /// All capture devices: the sound server's first, then ALSA's. Takes at most a second or two.
    ///
    /// No server and no sound card make a short list, or an empty one, not an error.
    public static func list() -> [AudioDevice] {
        let pulse = pulseDevices()
        let hasServerDefault = pulse.contains(where: \.isDefault)
        return pulse + alsaDevices(hasServerDefault: hasServerDefault)
    }

    /// As JSON: ranges as two-number arrays, the names in snake case as everywhere in the protocol.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(backend, forKey: .backend)
        try container.encode(id, forKey: .id)
        try container.encode(description, forKey: .description)
        try container.encode(sampleRates.map { [$0.lowerBound, $0.upperBound] }, forKey: .sampleRates)
        try container.encode(channelCounts.map { [$0.lowerBound, $0.upperBound] }, forKey: .channelCounts)
        try container.encode(isDefault, forKey: .isDefault)
        try container.encode(isMonitor, forKey: .isMonitor)
    }

    private enum Key: String, CodingKey {
        case backend, id, description
        case sampleRates = "sample_rates"
        case channelCounts = "channel_counts"
        case isDefault = "default"
        case isMonitor = "monitor"
    }
}
