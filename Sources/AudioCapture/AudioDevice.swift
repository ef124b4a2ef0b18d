// SPDX-License-Identifier: Apache-2.0

/// A device that can be captured from.
public struct AudioDevice: Equatable, Sendable, Encodable {
    /// Interface that offers the device.
    public enum Backend: String, Sendable, Encodable {
        case pulse, alsa
    }

    /// Interface that offers it.
    public let backend: Backend
    /// Name that selects this device (see ``DeviceSpecifier``). It does not change after a restart or with
    /// the order of plugging in: ALSA cards have names, not numbers.
    public let id: String
    /// Description for people.
    public let description: String
    /// Lowest and highest sample rate of the hardware in hertz; nil if unknown before opening.
    public let sampleRates: ClosedRange<Int>?
    /// Fewest and most channels of the hardware; nil if unknown before opening.
    public let channelCounts: ClosedRange<Int>?
    /// True for the device that `default` means.
    public let isDefault: Bool
    /// True for the monitor of a loudspeaker, which is also a source.
    public let isMonitor: Bool

    /// All capture devices: the sound server's first, then ALSA's. Takes at most a second or two.
    ///
    /// Without a server or sound card the list is short or empty; that is no error.
    public static func list() -> [AudioDevice] {
        let pulse = pulseDevices()
        let hasServerDefault = pulse.contains(where: \.isDefault)
        return pulse + alsaDevices(hasServerDefault: hasServerDefault)
    }

    /// Encodes the device as JSON: ranges are arrays of two numbers, names are in snake case as in the
    /// protocol.
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
