// SPDX-License-Identifier: Apache-2.0
import Glibc
import SampleRing
import Synchronization

/// What the capture thread does: open, read, decode, push; after a failure wait and begin again.
///
/// Made by one thread and then used by the capture thread only.
final class CaptureLoop {
    private let source: any CaptureSource
    private let channel: ChannelChoice
    private let samplesArrived: WakeSignal
    private let status: CaptureStatus
    private let clock: CaptureClock
    private let control: CaptureControl
    private var samples: SampleProducer
    private var decoder: PCMDecoder?
    private var recovery = CaptureRecovery()
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: 16)

    init(
        source: any CaptureSource,
        channel: ChannelChoice,
        samples: consuming SampleProducer,
        samplesArrived: WakeSignal,
        status: CaptureStatus,
        clock: CaptureClock,
        control: CaptureControl
    ) {
        self.source = source
        self.channel = channel
        self.samples = samples
        self.samplesArrived = samplesArrived
        self.status = status
        self.clock = clock
        self.control = control
    }

    deinit { bytes.deallocate() }

    func run() {
        nameThread("capture")
        if source.isLive { askForRealTime() }
        while !isStopping {
            if isMuted {
                report { $0.muted() }
                pause(milliseconds: 20)
            } else if open() {
                let goesOn = deliver()
                source.close()
                if !goesOn { break }
            } else if source.isLive {
                waitForRetry()
            } else {
                break
            }
        }
        end()
    }

    /// Ends before the beginning: the system has no thread for us.
    func refuse(code: CInt) {
        let reason = String(cString: strerror(code))
        status.note(
            error: CaptureError(.deviceFailed, "cannot start the capture thread: \(reason)", code: code)
        )
        end()
    }

    private var isStopping: Bool { control.isStopping.load(ordering: .acquiring) }
    private var isMuted: Bool { control.isMuted.load(ordering: .acquiring) }

    private func end() {
        report { $0.ended() }
        status.noteFinished()
        samplesArrived.signal()
    }

    // MARK: Opening

    private func open() -> Bool {
        if recovery.state == .muted { report { $0.unmuted() } }
        do throws(CaptureError) {
            try prepareDecoder(for: try source.open())
            report { $0.opened(at: CaptureClock.nowNanoseconds()) }
            return true
        } catch {
            source.close()
            fail(error)
            return false
        }
    }

    /// A device that comes back in the same format keeps its decoder, but not the half frame before the break.
    private func prepareDecoder(for format: CaptureFormat) throws(CaptureError) {
        if decoder?.format == format {
            decoder?.reset()
        } else {
            decoder = try PCMDecoder(format: format, channel: channel)
        }
    }

    private func fail(_ error: CaptureError) {
        status.note(error: error)
        report { $0.failed() }
    }

    /// Waits as long as the recovery says, a little at a time, so that stop and mute are heard.
    private func waitForRetry() {
        var milliseconds = recovery.retryMilliseconds
        while milliseconds > 0 && !isStopping && !isMuted {
            pause(milliseconds: min(20, milliseconds))
            milliseconds -= 20
        }
    }

    private func pause(milliseconds: Int) { sleep(nanoseconds: Int64(milliseconds) * 1_000_000) }

    // MARK: Delivering

    /// Reads until the source ends or fails, or the owner wants something else.
    ///
    /// - Returns: false when there is nothing left to do.
    private func deliver() -> Bool {
        while !isStopping && !isMuted {
            switch source.read(into: bytes) {
            case .bytes(let count): push(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            case .nothing: if source.isLive { report { $0.waited(at: CaptureClock.nowNanoseconds()) } }
            case .suspended: report { $0.suspended() }
            case .lost(let frameCount):
                noteLoss(frames: frameCount)
                report { $0.waited(at: CaptureClock.nowNanoseconds()) }
            case .ended:
                decoder?.finish { push($0) }
                return false
            case .failed(let error):
                fail(error)
                if source.isLive { waitForRetry() }
                return source.isLive
            }
            if samples.isAbandoned { return false }
        }
        return !isStopping
    }

    private func push(_ pcm: UnsafeRawBufferPointer) {
        decoder?.step(pcm) { push($0) }
        clock.mark(pushedSamples: status.capturedSamples + status.lostByDeviceSamples)
        report { $0.delivered(at: CaptureClock.nowNanoseconds()) }
        samplesArrived.signal()
    }

    private func push(_ piece: Span<Float>) {
        status.note(capturedSamples: piece.count)
        if source.isLive {
            _ = samples.push(piece)
        } else {
            pushAll(piece)
        }
    }

    /// Waits for room where the source can wait.
    private func pushAll(_ piece: Span<Float>) {
        var sent = samples.offer(piece)
        while sent < piece.count && !isStopping && !samples.isAbandoned {
            samplesArrived.signal()
            sleep(nanoseconds: 1_000_000)
            sent += samples.offer(piece.extracting(sent...))
        }
    }

    private func noteLoss(frames: Int) {
        guard let sampleRate = decoder?.format.sampleRate else { return }
        status.note(lostByDevice: frames * PCMDecoder.sampleRate / sampleRate)
        samplesArrived.signal()
    }

    /// Applies a decision, and wakes the reader of the status only when the state has changed.
    private func report(_ decide: (inout CaptureRecovery) -> Void) {
        let before = recovery.state
        decide(&recovery)
        status.note(recovery)
        if recovery.state != before { samplesArrived.signal() }
    }

    /// A tenth of the range: above everything ordinary, below the sound server that feeds us.
    private func askForRealTime() {
        var parameters = sched_param()
        parameters.sched_priority = 10
        let code = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
        if code != 0 { status.note(realTimeRefusal: String(cString: strerror(code))) }
    }
}

/// Names the calling thread, for `top -H` and debuggers. (Swift's Glibc does not show `pthread_setname_np`.)
private func nameThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    if file < 0 { return }
    _ = name.withCString { write(file, $0, strlen($0)) }
    close(file)
}
