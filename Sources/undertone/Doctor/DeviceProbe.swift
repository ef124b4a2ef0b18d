// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import ServiceRuntime

/// Lists the microphones.
enum DeviceProbe {
    static func look() -> [Finding] {
        let devices = AudioDevice.list()
        let looked = "PulseAudio, PipeWire and ALSA"
        guard let first = devices.first(where: { !$0.isMonitor }) ?? devices.first else {
            let remedy = "plug a microphone in, or start the sound server"
            return [
                Finding(
                    "devices",
                    at: looked,
                    .fail,
                    seen: "no capture device",
                    remedy: remedy,
                    status: .captureDevice
                )
            ]
        }
        let chosen = devices.first(where: \.isDefault)
        let names = devices.prefix(4).map(\.id).joined(separator: ", ") + (devices.count > 4 ? ", …" : "")
        let seen = "\(names); default: \(chosen?.id ?? "none")"
        guard let chosen else {
            let remedy = "name one with --device, for example \(first.id)"
            return [Finding("devices", at: looked, .warn, seen: seen, remedy: remedy)]
        }
        guard chosen.isMonitor else { return [Finding("devices", at: looked, .ok, seen: seen)] }
        let remedy = "choose a microphone with --device, or as the default of the desktop"
        let problem = ", which records what a loudspeaker plays"
        return [Finding("devices", at: looked, .warn, seen: seen + problem, remedy: remedy)]
    }
}
