// SPDX-License-Identifier: Apache-2.0
internal import CALSA
import Glibc

/// Negotiates a format and a period with an ALSA device.
struct ALSAHardware {
    let pcm: OpaquePointer
    let name: String

    /// Sample formats that a device may deliver, in order of preference.
    private static let formats: [(snd_pcm_format_t, SampleFormat)] = [
        (SND_PCM_FORMAT_S16_LE, .s16), (SND_PCM_FORMAT_S32_LE, .s32), (SND_PCM_FORMAT_FLOAT_LE, .f32),
        (SND_PCM_FORMAT_S24_3LE, .s24), (SND_PCM_FORMAT_S24_LE, .s24in32),
    ]
    /// Period of the device: the largest part of the delay that capture adds.
    private static let periodMicroseconds: CUnsignedInt = 20_000
    /// Longest time that the thread may be late before the device overruns.
    private static let bufferMicroseconds: CUnsignedInt = 500_000

    /// Sets the hardware parameters: 16 kHz or the nearest rate of the device, and the fewest channels that
    /// are at least `channelCount`.
    func configure(channelCount wanted: Int) throws(CaptureError) -> CaptureFormat {
        var parameters: OpaquePointer?
        guard snd_pcm_hw_params_malloc(&parameters) == 0, let parameters else {
            throw Self.error(-ENOMEM, "configure", name)
        }
        defer { snd_pcm_hw_params_free(parameters) }
        try check(snd_pcm_hw_params_any(pcm, parameters), "report its parameters")
        try check(
            snd_pcm_hw_params_set_access(pcm, parameters, SND_PCM_ACCESS_RW_INTERLEAVED),
            "interleave its channels"
        )
        let sampleFormat = try chooseFormat(parameters)
        var channelCount = CUnsignedInt(wanted)
        try check(snd_pcm_hw_params_set_channels_near(pcm, parameters, &channelCount), "set its channels")
        var rate = CUnsignedInt(PCMDecoder.sampleRate)
        try check(snd_pcm_hw_params_set_rate_near(pcm, parameters, &rate, nil), "set its rate")
        var buffer = Self.bufferMicroseconds
        snd_pcm_hw_params_set_buffer_time_near(pcm, parameters, &buffer, nil)
        var period = Self.periodMicroseconds
        snd_pcm_hw_params_set_period_time_near(pcm, parameters, &period, nil)
        try check(
            snd_pcm_hw_params(pcm, parameters),
            "accept \(rate) Hz, \(channelCount) channels, \(sampleFormat)"
        )
        do {
            return try CaptureFormat(
                sampleRate: Int(rate),
                channelCount: Int(channelCount),
                sampleFormat: sampleFormat
            )
        } catch {
            throw CaptureError(.formatRefused, "\(name) offers \(error.description)")
        }
    }

    private func chooseFormat(_ parameters: OpaquePointer) throws(CaptureError) -> SampleFormat {
        for (format, ours) in Self.formats
        where snd_pcm_hw_params_set_format(pcm, parameters, format) == 0 {
            return ours
        }
        throw CaptureError(
            .formatRefused,
            "\(name) offers none of s16, s24, s32 and f32; use plughw, which converts"
        )
    }

    private func check(_ code: CInt, _ step: String) throws(CaptureError) {
        if code >= 0 { return }
        let reason = Self.text(code)
        throw CaptureError(
            .formatRefused,
            "\(name) cannot \(step) (\(reason)); use plughw, which converts",
            code: code
        )
    }

    /// The error for the code that libasound returned for `step`.
    static func error(_ code: CInt, _ step: String, _ name: String) -> CaptureError {
        let reason = text(code)
        return switch -code {
        case ENOENT, ENODEV, ENXIO:
            CaptureError(
                .deviceMissing,
                "\(name): no such device (\(reason)); 'undertone devices' lists the devices",
                code: code
            )
        case EBUSY:
            CaptureError(
                .deviceBusy,
                "\(name) is in use by another program; close it, or use pulse",
                code: code
            )
        case EACCES, EPERM:
            CaptureError(
                .permissionDenied,
                "\(name): permission denied for this user; join the group 'audio'",
                code: code
            )
        case ECONNREFUSED:
            CaptureError(
                .serverUnreachable,
                "\(name): its sound server does not answer; start the server",
                code: code
            )
        default: CaptureError(.deviceFailed, "\(name) failed at '\(step)': \(reason)", code: code)
        }
    }

    private static func text(_ code: CInt) -> String { String(cString: snd_strerror(code)) }
}
