// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
import Glibc
public import SampleRing
import Synchronization

/// Copies sound from a source into a ring, on its own thread, until it is stopped.
///
/// A live source never waits: samples that do not fit into the ring are lost and counted there. A source that
/// can wait waits. A live device that fails is tried again without end; a file that fails ends the capture,
/// or in a daemon capture waits for another source.
///
/// A running thread allocates only when it opens the source or when the source fails.
public final class CaptureThread: Sendable {
    /// The device and its troubles, as texts.
    public let status = CaptureStatus()
    /// Clock that gives the age of each sample. Its positions count every sample since the start, including
    /// lost ones.
    public let clock = CaptureClock()
    private let control: CaptureControl
    private let loop: Mutex<CaptureLoop?>

    /// Prepares capture; ``start()`` begins it.
    ///
    /// - Parameters:
    ///   - source: transferred; the caller must not use it any more.
    ///   - samples: producer end for the samples, 16 kHz mono. Destroyed when capture ends, so that the
    ///     consumer sees the ring as abandoned.
    ///   - samplesArrived: signalled after each push, after each change of state, and at the end.
    ///   - outlivesSource: true if the thread waits for ``use(_:)`` after the end of a file or pipe, instead
    ///     of ending.
    public init(
        source: sending any CaptureSource,
        channel: ChannelChoice = .mix,
        outlivesSource: Bool = false,
        samples: consuming SampleProducer,
        samplesArrived: WakeSignal
    ) {
        control = CaptureControl(source, outlivesSource: outlivesSource)
        loop = Mutex(
            CaptureLoop(
                control: control,
                channel: channel,
                samples: samples,
                samplesArrived: samplesArrived,
                status: status,
                clock: clock
            )
        )
    }

    /// Starts the thread; later calls do nothing. A missing device is a state, not an error.
    public func start() {
        let loop = loop.withLock { loop -> CaptureLoop? in
            defer { loop = nil }
            return loop
        }
        guard let loop else { return }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(loop).toOpaque()
        let code = pthread_create(&thread, nil, runCaptureLoop, argument)
        if code == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged<CaptureLoop>.fromOpaque(argument).takeRetainedValue().refuse(code: code)
        }
    }

    /// Closes the device, wipes all buffers, and reports `muted`, until ``unmute()``. Takes effect within a
    /// tenth of a second, unless the thread hangs in a driver or waits for a server.
    public func mute() { control.isMuted.store(true, ordering: .releasing) }

    /// The state of capture and its counts, all at one moment. Any thread, without a lock. A device that has
    /// delivered nothing for a second is `stalled`, even if the thread hangs in its driver.
    public var report: CaptureReport {
        var report = status.report
        report.isMuted = isMuted
        return report
    }

    /// True if mute is wanted; the state reports when it holds.
    public var isMuted: Bool { control.isMuted.load(ordering: .acquiring) }

    /// Opens the device again.
    public func unmute() { control.isMuted.store(false, ordering: .releasing) }

    /// Sets if a client needs sound; otherwise the device is closed and the state is `idle`. True at first.
    public func want(_ isWanted: Bool) { control.isWanted.store(isWanted, ordering: .releasing) }

    /// Closes the device and continues with another one. Mute does not change.
    public func use(_ source: sending any CaptureSource) { control.replace(with: source) }

    /// Ends capture and waits for its end, but less than half a second.
    ///
    /// A driver that hangs inside a call cannot be stopped; then the thread keeps running with all that it
    /// owns, and ends when the call returns.
    public func stop() {
        control.stop()
        let wasStarted = loop.withLock { loop -> Bool in
            defer { loop = nil }
            return loop == nil
        }
        if !wasStarted { return status.update { $0.isFinished = true } }
        // Looking now and then, and not a condition variable, whose lock the capture thread would have to take.
        let deadline = CaptureClock.nowNanoseconds() + 350_000_000
        while !status.report.isFinished && CaptureClock.nowNanoseconds() < deadline {
            sleep(nanoseconds: 2_000_000)
        }
    }
}

/// Body of the thread, with the signature that `pthread_create` needs.
private func runCaptureLoop(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<CaptureLoop>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
