// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import ServiceRuntime

/// Records briefly and checks the device, its format, its sound and its clock. The recording stays in memory and is
/// freed with the probe.
struct MicrophoneProbe {
    private let device: String
    private let seconds: Double
    private let options: DoctorOptions

    init(_ options: DoctorOptions) {
        (device, seconds, self.options) = (options.device, options.recordingSeconds, options)
    }

    func look() -> [Finding] {
        do throws(CaptureError) {
            let specifier = try DeviceSpecifier(device)
            if specifier.isMicrophone, DaemonProbe(options).isMuted { return [muted] + skipped }
            let source = try specifier.makeSource(isPaced: true)
            let recording = try Recording(source, seconds: seconds)
            if let failure = recording.failure { return [failed(failure)] + skipped }
            guard !recording.samples.isEmpty else { return [silent(recording)] + skipped }
            return [found(recording), format(recording), level(recording), clock(recording)]
        } catch {
            return [failed(error)] + skipped
        }
    }

    private var skipped: [Finding] {
        ["format", "level", "clock"].map {
            Finding($0, at: device, .skipped, seen: "there is no recording to analyse")
        }
    }

    /// The finding for a muted daemon: no program of ours may then open the microphone.
    private var muted: Finding {
        let remedy = "to check it: undertone unmute"
        return Finding(
            "microphone",
            at: device,
            .skipped,
            seen: "the daemon is muted, so it stays closed",
            remedy: remedy
        )
    }

    private func failed(_ error: CaptureError) -> Finding {
        if error.kind == .deviceBusy, BusyProbe(root: options.processRoot).isHeldByDaemon {
            let seen = "the daemon uses it, and only one program can at a time; see 'capture'"
            return Finding("microphone", at: device, .skipped, seen: seen)
        }
        let (status, remedy): (ExitStatus, String) =
            switch error.kind {
            case .permissionDenied: (.permission, "join the group 'audio', or use the sound server")
            case .deviceBusy: (.captureDevice, "see the finding 'busy', or use the sound server")
            case .badSpecifier: (.usage, "'undertone devices' lists the names")
            case .formatRefused:
                (.captureDevice, "use the device through plughw or the sound server, which convert")
            default: (.captureDevice, "'undertone devices' lists the capture devices")
            }
        return Finding("microphone", at: device, .fail, seen: "\(error)", remedy: remedy, status: status)
    }

    private func silent(_ recording: Recording) -> Finding {
        Finding(
            "microphone",
            at: recording.device,
            .fail,
            seen: "opens, but delivered no sample in \(tenths(seconds + 2)) s",
            remedy:
                "it is suspended, unplugged or its server hangs; choose another one, or restart the server",
            status: .captureDevice
        )
    }

    private func found(_ recording: Recording) -> Finding {
        let first = recording.arrivals.first.map { tenths($0.seconds * 1_000) } ?? "-"
        let seen = "delivers; the first sound came \(first) ms after it was opened"
        guard recording.lostFrames > 0 else {
            return Finding("microphone", at: recording.device, .ok, seen: seen)
        }
        return Finding(
            "microphone",
            at: recording.device,
            .warn,
            seen: seen + "; \(recording.lostFrames) PCM frames were lost meanwhile",
            remedy: "the machine is too busy, or the driver's buffer too small"
        )
    }

    private func format(_ recording: Recording) -> Finding {
        let format = recording.format
        let mono = format.channelCount == 1 ? "" : ", mixed to one channel"
        guard format.sampleRate >= PCMDecoder.sampleRate else {
            return Finding(
                "format",
                at: recording.device,
                .warn,
                seen: "\(format): too narrow for the model, which analyses up to 8000 Hz",
                remedy:
                    "use another profile of the device; a headset's telephone profile has 8000 or 16000 Hz"
            )
        }
        let resampled = format.sampleRate == PCMDecoder.sampleRate ? "" : ", resampled to 16000 Hz"
        return Finding("format", at: recording.device, .ok, seen: "\(format)\(resampled)\(mono)")
    }

    private func level(_ recording: Recording) -> Finding {
        SoundVerdict.finding(SoundCharacter(recording.samples), device: recording.device)
    }

    private func clock(_ recording: Recording) -> Finding {
        guard let clock = recording.clock else {
            return Finding(
                "clock",
                at: recording.device,
                .skipped,
                seen: "too few buffers arrived to check its clock"
            )
        }
        let percent = (clock.ratio - 1) * 100
        let seen =
            "\(percent < 0 ? "" : "+")\(Plain.number(percent, 2)) % compared with the system's clock, "
            + "± \(Plain.number(clock.error * 100, 2)) %"
        // Half a percent is a tenth of a semitone, which changes no result. A clock beyond that and its error is wrong.
        guard abs(clock.ratio - 1) > 0.005 + clock.error else {
            return Finding("clock", at: recording.device, .ok, seen: seen)
        }
        return Finding(
            "clock",
            at: recording.device,
            .warn,
            seen: seen + "; samples are lost, duplicated or delivered at another rate than agreed",
            remedy: "set the device's own rate in the sound server, or choose another one"
        )
    }
}

/// Makes the finding for a level.
package enum SoundVerdict {
    package static func finding(_ sound: SoundCharacter, device: String) -> Finding {
        let seen = "level \(tenths(sound.levelDecibels)) dB, peak \(tenths(sound.peakDecibels)) dB"
        if sound.isDigitalSilence {
            return Finding(
                "level",
                at: device,
                .fail,
                seen: "every sample is zero: the microphone is muted",
                remedy: "check the switch on the device; pactl set-source-mute @DEFAULT_SOURCE@ 0",
                status: .captureDevice
            )
        }
        if sound.clippedShare > 0.001 {
            return Finding(
                "level",
                at: device,
                sound.clippedShare > 0.02 ? .fail : .warn,
                seen: seen
                    + ", \(tenths(sound.clippedShare * 100)) % of the samples at full scale: overdriven",
                remedy: "lower the gain: pactl set-source-volume @DEFAULT_SOURCE@ 50%, or alsamixer",
                status: .captureDevice
            )
        }
        if abs(sound.offset) > 0.05 {
            let offset = "a constant of \(Plain.number(sound.offset, 2)) in all samples"
            let remedy = "the device is faulty or its channel is not a microphone; choose another channel"
            return Finding("level", at: device, .warn, seen: seen + ", " + offset, remedy: remedy)
        }
        if sound.peakDecibels < -60 {
            let remedy = "speak while this runs; else raise the gain, or choose another microphone"
            return Finding("level", at: device, .warn, seen: seen + ": almost silent", remedy: remedy)
        }
        return Finding("level", at: device, .ok, seen: seen + ", nothing clipped")
    }
}

extension DeviceSpecifier {
    /// True if it may record a room.
    fileprivate var isMicrophone: Bool {
        switch self {
        case .systemDefault, .pulse, .alsa: true
        case .file, .standardInput, .tone: false
        }
    }
}
