// SPDX-License-Identifier: Apache-2.0
internal import CALSA
import Glibc

/// A microphone through ALSA.
///
/// Opens any device that ALSA can name: `plughw:CARD=PCH,DEV=0`, `default`, a plugin of the user. It has its
/// own loop, because `snd_pcm_recover` would wait without limit for a suspended device.
public final class ALSACapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "alsa:\(device)" }
    /// True: a microphone does not wait for its reader.
    public var isLive: Bool { true }

    private let device: String
    private let channelCount: Int
    private var pcm: OpaquePointer?
    private var format = CaptureFormat.standardInputDefault
    private var resumeAttempts = 0
    /// Restarts after overruns since samples last arrived; a device that only overruns has failed.
    private var fruitlessRestarts = 0

    /// Creates a source for `device`, a name from `arecord -L`. Names with a card number can change when the
    /// machine restarts; `undertone devices` lists stable ones.
    ///
    /// - Parameter channelCount: number of channels to request; more than one to select a single channel of
    ///   many.
    public init(device: String, channelCount: Int = 1) {
        self.device = device
        self.channelCount = min(8, max(1, channelCount))
    }

    deinit { close() }

    /// Opens the device in a format close to its own, and starts it.
    public func open() throws(CaptureError) -> CaptureFormat {
        close()
        undertone_alsa_silence()
        let handle: OpaquePointer
        (handle, format) = try openInSomeFormat()
        try check(snd_pcm_start(handle), "start")
        resumeAttempts = 0
        fruitlessRestarts = 0
        return format
    }

    /// Waits for the next period and reads the available samples.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        guard let pcm else { return .ended }
        let ready = snd_pcm_wait(pcm, Self.readPatienceMilliseconds)
        if ready == 0 {
            // The plugin of a sound server that died does not always end the wait, but its state reports it.
            let state = snd_pcm_avail_update(pcm)
            return state < 0 ? recover(pcm, from: CInt(state)) : .nothing
        }
        if ready < 0 { return recover(pcm, from: ready) }
        let room = snd_pcm_uframes_t(buffer.count / format.frameByteCount)
        let count = snd_pcm_readi(pcm, buffer.baseAddress, room)
        if count > 0 {
            fruitlessRestarts = 0
            return .bytes(Int(count) * format.frameByteCount)
        }
        return recover(pcm, from: CInt(count))
    }

    /// Stops the device at once and drops its buffered samples.
    public func close() {
        if let pcm { snd_pcm_close(pcm) }
        pcm = nil
    }

    /// Opens the device in its own format; beyond our limits, in the format that ALSA's plug converts to.
    private func openInSomeFormat() throws(CaptureError) -> (OpaquePointer, CaptureFormat) {
        do throws(CaptureError) { return try open(device) } catch {
            guard error.kind == .formatRefused, !device.contains("'") else { throw error }
            close()
            do throws(CaptureError) { return try open("plug:'\(device)'") } catch _ {
                close()
                throw error
            }
        }
    }

    private func open(_ device: String) throws(CaptureError) -> (OpaquePointer, CaptureFormat) {
        var handle: OpaquePointer?
        try check(snd_pcm_open(&handle, device, SND_PCM_STREAM_CAPTURE, CInt(SND_PCM_NONBLOCK)), "open")
        guard let handle else { throw CaptureError(.deviceFailed, "\(name): opened without a handle") }
        pcm = handle
        return (handle, try ALSAHardware(pcm: handle, name: name).configure(channelCount: channelCount))
    }

    // MARK: Recovery

    /// Handles an error of `wait` or `read`: recovers if that needs no waiting, else reports it.
    private func recover(_ pcm: OpaquePointer, from code: CInt) -> CaptureRead {
        switch -code {
        case 0, EAGAIN, EINTR:
            // The device announced data and had none; without this pause a broken device would keep a CPU
            // busy.
            sleep(nanoseconds: 1_000_000)
            return .nothing
        case EPIPE: return restart(pcm)
        case ESTRPIPE: return resume(pcm)
        default: return .failed(ALSAHardware.error(code, "read", name))
        }
    }

    /// Handles an overrun: the loss is the full buffer and the time since it became full.
    private func restart(_ pcm: OpaquePointer) -> CaptureRead {
        let missed = missedFrames(pcm)
        fruitlessRestarts += 1
        if fruitlessRestarts > 3 { return .failed(ALSAHardware.error(-EPIPE, "read", name)) }
        let prepared = snd_pcm_prepare(pcm)
        if prepared < 0 { return .failed(ALSAHardware.error(prepared, "prepare", name)) }
        let started = snd_pcm_start(pcm)
        if started < 0 { return .failed(ALSAHardware.error(started, "start", name)) }
        return .lost(missed)
    }

    /// Tries once per `read` to resume, so that an endless suspend does not block `stop`.
    private func resume(_ pcm: OpaquePointer) -> CaptureRead {
        let code = snd_pcm_resume(pcm)
        resumeAttempts += 1
        if code == -EAGAIN && resumeAttempts < 50 {
            sleep(nanoseconds: Int64(Self.readPatienceMilliseconds) * 1_000_000)
            return .suspended
        }
        resumeAttempts = 0
        // Resumed, or the driver cannot resume: in both cases the stream must be started again.
        return code == 0 ? .nothing : restart(pcm)
    }

    /// PCM frames lost in an overrun, limited to ten seconds, in case the clock jumped.
    private func missedFrames(_ pcm: OpaquePointer) -> Int {
        var status: OpaquePointer?
        guard snd_pcm_status_malloc(&status) == 0, let status else { return 0 }
        defer { snd_pcm_status_free(status) }
        guard snd_pcm_status(pcm, status) == 0 else { return 0 }
        var now = snd_htimestamp_t()
        var overrun = snd_htimestamp_t()
        snd_pcm_status_get_htstamp(status, &now)
        snd_pcm_status_get_trigger_htstamp(status, &overrun)
        let seconds = Double(now.tv_sec - overrun.tv_sec) + Double(now.tv_nsec - overrun.tv_nsec) / 1e9
        guard (0...10).contains(seconds) else { return 0 }
        return Int(snd_pcm_status_get_avail(status)) + Int(seconds * Double(format.sampleRate))
    }

    private func check(_ code: CInt, _ step: String) throws(CaptureError) {
        if code >= 0 { return }
        close()
        throw ALSAHardware.error(code, step, name)
    }
}
