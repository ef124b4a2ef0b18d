// SPDX-License-Identifier: Apache-2.0
internal import CALSA
import Glibc

extension AudioDevice {
    /// ALSA's capture devices under stable names: `default`, the sound servers' plugins, and each card
    /// through `plughw`, which converts formats that the hardware does not offer.
    static func alsaDevices(hasServerDefault: Bool) -> [AudioDevice] {
        undertone_alsa_silence()
        var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return [] }
        defer { snd_device_name_free_hint(hints) }
        var devices: [AudioDevice] = []
        var next = hints
        while let hint = next.pointee {
            if let device = alsaDevice(hint, hasServerDefault: hasServerDefault) { devices.append(device) }
            next += 1
        }
        return devices
    }

    private static func alsaDevice(_ hint: UnsafeMutableRawPointer, hasServerDefault: Bool) -> AudioDevice? {
        // No direction means both directions.
        guard let name = text(hint, "NAME"), text(hint, "IOID") ?? "Input" == "Input" else { return nil }
        let isCard = name.hasPrefix("plughw:")
        guard isCard || ["default", "pulse", "pipewire"].contains(name) else { return nil }
        let hardware = isCard ? limits(of: "hw:" + name.dropFirst("plughw:".count)) : nil
        return AudioDevice(
            backend: .alsa,
            id: "alsa:\(name)",
            description: text(hint, "DESC")?.split(separator: "\n").joined(separator: ", ") ?? name,
            sampleRates: hardware?.sampleRates,
            channelCounts: hardware?.channelCounts,
            isDefault: name == "default" && !hasServerDefault,
            isMonitor: false
        )
    }

    /// Formats that the hardware offers; nil if another program has opened it.
    private static func limits(
        of device: String
    ) -> (sampleRates: ClosedRange<Int>, channelCounts: ClosedRange<Int>)? {
        var handle: OpaquePointer?
        var parameters: OpaquePointer?
        guard snd_pcm_open(&handle, device, SND_PCM_STREAM_CAPTURE, CInt(SND_PCM_NONBLOCK)) == 0, let handle
        else {
            return nil
        }
        defer { snd_pcm_close(handle) }
        guard snd_pcm_hw_params_malloc(&parameters) == 0, let parameters else { return nil }
        defer { snd_pcm_hw_params_free(parameters) }
        guard snd_pcm_hw_params_any(handle, parameters) >= 0 else { return nil }
        var (slowest, fastest): (CUnsignedInt, CUnsignedInt) = (0, 0)
        var (fewest, most): (CUnsignedInt, CUnsignedInt) = (0, 0)
        snd_pcm_hw_params_get_rate_min(parameters, &slowest, nil)
        snd_pcm_hw_params_get_rate_max(parameters, &fastest, nil)
        snd_pcm_hw_params_get_channels_min(parameters, &fewest)
        snd_pcm_hw_params_get_channels_max(parameters, &most)
        guard slowest <= fastest, fewest <= most else { return nil }
        return (Int(slowest)...Int(fastest), Int(fewest)...Int(most))
    }

    private static func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
        guard let text = snd_device_name_get_hint(hint, key) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
