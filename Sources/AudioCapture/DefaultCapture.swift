// SPDX-License-Identifier: Apache-2.0
import SampleRing

/// The microphone that the desktop would choose: PulseAudio's default source, or ALSA's where no server answers.
///
/// The choice is made anew at each `open`, so a server that starts later is found.
public final class DefaultCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "default" }
    /// What the default is at present.
    public var deviceName: String { active?.deviceName ?? name }
    /// A microphone goes on without us.
    public var isLive: Bool { true }

    /// For so long a server that was there is waited for: ALSA would take the microphone that it wants back.
    private static let serverPatience: Int64 = 15_000_000_000
    private let pulse = PulseCapture(sourceName: nil)
    private let alsa: ALSACapture
    private var active: (any CaptureSource)?
    /// When the server last answered, nanoseconds on the monotonic clock.
    private var lastAnswer: Int64?

    /// - Parameter channelCount: see ``ALSACapture/init(device:channelCount:)``.
    public init(channelCount: Int = 1) {
        alsa = ALSACapture(device: "default", channelCount: channelCount)
    }

    /// Opens PulseAudio's default source, or else ALSA's.
    public func open() throws(CaptureError) -> CaptureFormat {
        do {
            let format = try pulse.open()
            active = pulse
            lastAnswer = CaptureClock.nowNanoseconds()
            return format
        } catch {
            guard error.kind == .serverUnreachable, !isServerExpected else { throw error }
        }
        do {
            let format = try alsa.open()
            active = alsa
            return format
        } catch {
            throw CaptureError(
                error.kind,
                "no PulseAudio or PipeWire server answers, and \(error.description)",
                code: error.code
            )
        }
    }

    /// Reads from the one that is open.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        active?.read(into: buffer) ?? .ended
    }

    /// Makes a connection to a silent server give up.
    public func interrupt() { pulse.interrupt() }

    private var isServerExpected: Bool {
        lastAnswer.map { CaptureClock.nowNanoseconds() - $0 < Self.serverPatience } ?? false
    }

    /// Closes the one that is open.
    public func close() {
        if active === pulse { lastAnswer = CaptureClock.nowNanoseconds() }
        active?.close()
        active = nil
    }
}
