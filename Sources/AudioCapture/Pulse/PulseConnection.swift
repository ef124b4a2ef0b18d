// SPDX-License-Identifier: Apache-2.0
internal import CPulse
import Glibc
import SampleRing
import Synchronization

/// Connection to a PulseAudio or PipeWire server, with an event loop that the calling thread runs.
///
/// Uses libpulse's asynchronous interface without its own thread: the capture thread runs the loop and so
/// needs no lock. Each wait has a time limit, which the simple interface does not offer.
final class PulseConnection {
    let loop: OpaquePointer
    let context: OpaquePointer

    /// Connects within `timeoutMilliseconds`, or throws.
    init(timeoutMilliseconds: Int, isInterrupted: () -> Bool) throws(CaptureError) {
        guard let loop = pa_mainloop_new(), let properties = pa_proplist_new() else { throw Self.outOfMemory }
        defer { pa_proplist_free(properties) }
        pa_proplist_sets(properties, PA_PROP_APPLICATION_NAME, "Undertone")
        pa_proplist_sets(properties, PA_PROP_APPLICATION_ID, "undertone")
        pa_proplist_sets(properties, PA_PROP_APPLICATION_ICON_NAME, "audio-input-microphone")
        guard
            let context = pa_context_new_with_proplist(pa_mainloop_get_api(loop), "Undertone", properties)
        else {
            pa_mainloop_free(loop)
            throw Self.outOfMemory
        }
        self.loop = loop
        self.context = context
        // A service must not start its own sound server next to the user's.
        pa_context_connect(context, nil, PA_CONTEXT_NOAUTOSPAWN, nil)
        let isReady = turn(forMilliseconds: timeoutMilliseconds, isInterrupted) {
            pa_context_get_state(context) == PA_CONTEXT_READY
        }
        if !isReady { throw isInterrupted() ? Self.interrupted : unreachable() }
    }

    deinit {
        pa_context_disconnect(context)
        pa_context_unref(context)
        pa_mainloop_free(loop)
    }

    /// False after the connection is lost.
    var isAlive: Bool { PA_CONTEXT_IS_GOOD(pa_context_get_state(context)) != 0 }

    /// Last error of the server.
    var lastError: (code: CInt, text: String) {
        let code = pa_context_errno(context)
        // A timeout: libpulse would report "OK".
        if code == 0 { return (code, "no answer in time") }
        return (code, pa_strerror(code).map { String(cString: $0) } ?? "unknown error")
    }

    /// Runs the loop once: waits at most `milliseconds` for events and lets libpulse handle them.
    func turn(milliseconds: CInt) {
        guard pa_mainloop_prepare(loop, milliseconds * 1_000) >= 0, pa_mainloop_poll(loop) >= 0 else {
            return
        }
        pa_mainloop_dispatch(loop)
    }

    /// Runs the loop until `isDone` is true, the connection breaks, or the time is over.
    ///
    /// - Returns: the last value of `isDone`.
    func turn(forMilliseconds limit: Int, _ isInterrupted: () -> Bool, until isDone: () -> Bool) -> Bool {
        let end = CaptureClock.nowNanoseconds() + Int64(limit) * 1_000_000
        while !isDone() && isAlive && !isInterrupted() && CaptureClock.nowNanoseconds() < end {
            turn(milliseconds: 20)
        }
        return isDone()
    }

    private func unreachable() -> CaptureError {
        let (code, reason) = lastError
        return CaptureError(
            code == CInt(PA_ERR_ACCESS.rawValue) ? .permissionDenied : .serverUnreachable,
            "no PulseAudio or PipeWire server answers (\(reason)); start one, or use alsa:NAME",
            code: code
        )
    }

    static let outOfMemory = CaptureError(.deviceFailed, "libpulse is out of memory")
    static let interrupted = CaptureError(.interrupted, "opening was interrupted")
}
