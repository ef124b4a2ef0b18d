// SPDX-License-Identifier: Apache-2.0
import SampleRing

/// Default microphone of the desktop: PulseAudio's default source, or ALSA's if no server answers.
///
/// Each `open` chooses again, so a server that starts later is found.
public final class DefaultCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "default" }
    /// Device that is the default at present.
    public var deviceName: String { active?.deviceName ?? name }
    /// True: a microphone does not wait for its reader.
    public var isLive: Bool { true }

    /// Time to wait for a server that answered before: opening ALSA would take the microphone that the server
    /// needs.
    private static let serverPatience: Int64 = 15_000_000_000
    private let pulse = PulseCapture(sourceName: nil)
    private let alsa: ALSACapture
    private var active: (any CaptureSource)?
    /// Time of the server's last answer, in nanoseconds on the monotonic clock.
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

    /// Reads from the open source.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        active?.read(into: buffer) ?? .ended
    }

    /// Interrupts a connection to a server that does not answer.
    public func interrupt() { pulse.interrupt() }

    private var isServerExpected: Bool {
        lastAnswer.map { CaptureClock.nowNanoseconds() - $0 < Self.serverPatience } ?? false
    }

    /// Closes the open source.
    public func close() {
        if active === pulse { lastAnswer = CaptureClock.nowNanoseconds() }
        active?.close()
        active = nil
    }
}
