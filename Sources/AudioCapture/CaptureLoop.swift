// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Glibc
import SampleRing
import Synchronization

/// Body of the capture thread: carries out the decisions of `CaptureRecovery` with a source, a decoder and a
/// ring.
///
/// One thread creates it; after that only the capture thread uses it.
final class CaptureLoop {
    private var source: any CaptureSource
    private let channel: ChannelChoice
    private let samplesArrived: WakeSignal
    private let status: CaptureStatus
    private let clock: CaptureClock
    private let control: CaptureControl
    private let folders: DeviceFolderWatch
    private var samples: SampleProducer
    private var decoder: PCMDecoder?
    private var recovery: CaptureRecovery
    private var arrivals = ArrivalWatch()
    private var realTime = RealTimePriority()
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: 16)

    init(
        control: CaptureControl,
        channel: ChannelChoice,
        samples: consuming SampleProducer,
        samplesArrived: WakeSignal,
        status: CaptureStatus,
        clock: CaptureClock
    ) {
        self.control = control
        source = control.first
        self.channel = channel
        self.samples = samples
        self.samplesArrived = samplesArrived
        self.status = status
        self.clock = clock
        recovery = CaptureRecovery(isLive: source.isLive)
        folders = DeviceFolderWatch(
            folders: DeviceFolderWatch.standardFolders { getenv($0).map { String(cString: $0) } }
        )
        status.update(to: source)
    }

    deinit {
        wipeBytes()
        bytes.deallocate()
    }

    func run() {
        nameThread("capture")
        if source.isLive { note(realTime.ask()) }
        var action = CaptureRecovery.Action.open
        while !isStopping && !samples.isAbandoned && (action != .end || control.outlivesSource) {
            action = perform(action)
        }
        end()
    }

    /// Ends without running, because the system could not create a thread.
    func refuse(code: CInt) {
        let reason = String(cString: strerror(code))
        status.setLastError(
            CaptureError(.deviceFailed, "cannot start the capture thread: \(reason)", code: code)
        )
        end()
    }

    private var isStopping: Bool { control.isStopping.load(ordering: .acquiring) }

    private func perform(_ action: CaptureRecovery.Action) -> CaptureRecovery.Action {
        note(realTime.takeLoss())
        if let next = control.takeReplacement() { return change(to: next) }
        if control.isQuiet, action != .idle { return close() }
        switch action {
        case .open: return open()
        case .read: return read()
        case .reopen(let milliseconds):
            source.close()
            wait(milliseconds: milliseconds)
            return .open
        case .idle: return idle()
        case .end: return waitForReplacement()
        }
    }

    /// The source is over, and another one may be chosen.
    private func waitForReplacement() -> CaptureRecovery.Action {
        if !status.report.isOver {
            source.close()
            status.update { $0.isOver = true }
            _ = decide(.ended)
        }
        wipeRing()
        return .end
    }

    private func end() {
        source.close()
        // In this order: a thread that sees `idle` also sees whether it is final.
        status.update { $0.isFinished = true }
        _ = decide(.ended)
        samplesArrived.signal()
    }

    /// Passes an event to the recovery; signals the reader of the status only if the state has changed.
    private func decide(_ event: CaptureRecovery.Event) -> CaptureRecovery.Action {
        let before = recovery.state
        let action = recovery.step(event, at: CaptureClock.nowNanoseconds())
        status.update {
            $0.condition = recovery.state
            $0.retryMilliseconds = recovery.retryMilliseconds
            $0.lastArrival = recovery.lastSample
        }
        if recovery.state != before { samplesArrived.signal() }
        return action
    }

    private func note(_ refusal: String?) {
        if let refusal { status.setRealTimeRefusal(refusal) }
    }
}

// MARK: Opening and waiting

extension CaptureLoop {
    private func open() -> CaptureRecovery.Action {
        // A pipe without data must not delay a mute or a stop.
        guard source.isReadyToOpen() else { return .open }
        do throws(CaptureError) {
            try prepareDecoder(for: try source.open())
            arrivals.opened()
            status.update(to: source)
            return decide(.opened)
        } catch {
            return fail(error)
        }
    }

    /// A device that returns in the same format keeps its decoder, but not the incomplete frame before the
    /// break.
    private func prepareDecoder(for format: CaptureFormat) throws(CaptureError) {
        if decoder?.format == format {
            decoder?.reset()
        } else {
            decoder = try PCMDecoder(format: format, channel: channel)
        }
    }

    private func fail(_ error: CaptureError) -> CaptureRecovery.Action {
        source.close()
        if control.wantsChange { return .open }
        status.setLastError(error)
        return decide(.failed)
    }

    private func change(to next: any CaptureSource) -> CaptureRecovery.Action {
        source.close()
        source = next
        status.update { $0.isOver = false }
        status.setLastError(nil)
        arrivals.restart()
        recovery = CaptureRecovery(isLive: next.isLive)
        status.update(to: next)
        let action = decide(.wanted)
        status.update { $0.sourceChanges += 1 }
        return action
    }

    private func close() -> CaptureRecovery.Action {
        source.close()
        decoder = nil
        arrivals.restart()
        wipeBytes()
        return decide(.quieted(isMuted: control.isMuted.load(ordering: .acquiring)))
    }

    private func idle() -> CaptureRecovery.Action {
        wipeRing()
        if control.isQuiet { return decide(.quieted(isMuted: control.isMuted.load(ordering: .acquiring))) }
        return decide(status.report.isOver ? .ended : .wanted)
    }

    /// Waits a moment; wipes the ring as soon as its reader has emptied it.
    private func wipeRing() {
        samples.wipeIfEmpty()
        sleep(nanoseconds: 20_000_000)
    }

    /// Waits in short steps, so that stop and mute take effect, or until a device appears.
    private func wait(milliseconds: Int) {
        folders.arm()
        var left = milliseconds
        while left > 0 && !control.wantsChange {
            if folders.wait(milliseconds: min(20, left)) { return sleep(nanoseconds: 20_000_000) }
            left -= 20
        }
    }

    private func wipeBytes() { bytes.baseAddress.map { explicit_bzero($0, bytes.count) } }
}

// MARK: Delivering

extension CaptureLoop {
    private func read() -> CaptureRecovery.Action {
        switch source.read(into: bytes) {
        case .bytes(let count): return push(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        case .nothing: return decide(.nothing)
        case .suspended: return decide(.suspended)
        case .moved:
            status.update(to: source)
            return .read
        case .lost(let frameCount):
            noteLoss(frames: frameCount)
            return decide(.nothing)
        case .ended:
            decoder?.finish { push($0) }
            return .end
        case .failed(let error): return fail(error)
        }
    }

    private func push(_ pcm: UnsafeRawBufferPointer) -> CaptureRecovery.Action {
        decoder?.step(pcm) { push($0) }
        noteArrival()
        samplesArrived.signal()
        return decide(.delivered)
    }

    private func noteArrival() {
        var position = status.position
        guard source.isLive else { return clock.mark(pushedSamples: position) }
        let missing = arrivals.arrived(position: position, at: CaptureClock.nowNanoseconds())
        position += missing
        status.update {
            $0.missing += missing
            $0.lateness = arrivals.lateness / CaptureClock.nanosecondsPerSample
        }
        clock.mark(pushedSamples: position, delayNanoseconds: arrivals.lateness)
    }

    private func push(_ piece: Span<Float>) {
        status.update { $0.captured += Int64(piece.count) }
        if source.isLive {
            _ = samples.push(piece)
        } else {
            pushAll(piece)
        }
    }

    /// Waits for room in the ring if the source can wait.
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
        status.update { $0.lostByDevice += Int64(frames * PCMDecoder.sampleRate / sampleRate) }
        samplesArrived.signal()
    }
}

/// Names the calling thread, for `top -H` and debuggers. (Swift's Glibc does not show `pthread_setname_np`.)
private func nameThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    if file < 0 { return }
    _ = name.withCString { write(file, $0, strlen($0)) }
    close(file)
}
