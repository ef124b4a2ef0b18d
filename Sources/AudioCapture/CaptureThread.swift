// SPDX-License-Identifier: Apache-2.0
public import EmotionEvents
import Glibc
public import SampleRing
import Synchronization

/// Carries sound from a source into a ring, on a thread of its own, until it is stopped.
///
/// A live source is never held up: what finds no room in the ring is lost and counted there. A source that can
/// wait does wait. A live device that fails is tried again for ever; a file that fails ends the capture, or in a daemon
/// waits for another source.
///
/// After the thread has started, it allocates only when the source is opened or has failed.
public final class CaptureThread: Sendable {
    /// The device and its troubles, as texts.
    public let status = CaptureStatus()
    /// How old each sample is. Its positions count every sample since the start, lost ones included.
    public let clock = CaptureClock()
    private let control: CaptureControl
    private let loop: Mutex<CaptureLoop?>

    /// Prepares capture; ``start()`` begins it.
    ///
    /// - Parameters:
    ///   - source: handed over: nobody else may use it from here on.
    ///   - samples: where the sound goes, 16 kHz mono. Destroyed, and so seen as abandoned by the consumer, when
    ///     capture ends.
    ///   - samplesArrived: signalled after each push, each change of state, and at the end.
    ///   - outlivesSource: whether, when a file or pipe is over, the thread waits for ``use(_:)`` and does not end.
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

    /// Closes the device, wipes what was heard from all buffers, and reports `muted`, until ``unmute()``. Takes effect
    /// within a tenth of a second, unless a driver or a server that does not answer holds the thread.
    public func mute() { control.isMuted.store(true, ordering: .releasing) }

    /// The state of capture and its counts, all at one moment. Any thread, without a lock. A device that has
    /// delivered nothing for a second is `stalled`, even if the thread hangs in its driver.
    public var report: CaptureReport {
        var report = status.report
        report.isMuted = isMuted
        return report
    }

    /// Whether it is wanted; the state says when it is so.
    public var isMuted: Bool { control.isMuted.load(ordering: .acquiring) }

    /// Opens the device again.
    public func unmute() { control.isMuted.store(false, ordering: .releasing) }

    /// Whether anybody needs sound; without need the device is closed and the state is `idle`. True at first.
    public func want(_ isWanted: Bool) { control.isWanted.store(isWanted, ordering: .releasing) }

    /// Closes the device and goes on with another one. Mute stays as it is.
    public func use(_ source: sending any CaptureSource) { control.replace(with: source) }

    /// Ends capture and waits for it, but less than half a second.
    ///
    /// A driver that hangs inside a call cannot be stopped; then the thread is left behind, with all that it
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

/// The body of the thread, in the shape that `pthread_create` wants.
private func runCaptureLoop(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<CaptureLoop>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
