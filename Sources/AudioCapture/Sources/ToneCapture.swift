// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Sine tone in real time: a source without a device, and the template for new sources.
public final class ToneCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "tone:\(Int(frequencyHz))" }
    /// True for a paced tone, which does not wait, like a microphone; an unpaced tone waits, like a file.
    public let isLive: Bool

    private let frequencyHz: Double
    private let format: CaptureFormat
    private let lengthFrames: Int
    private var position = 0
    private var pace: Pace

    /// Creates a tone at a quarter of full scale.
    ///
    /// - Parameters:
    ///   - frequencyHz: 1 to 20,000.
    ///   - duration: nil for an endless tone.
    ///   - isPaced: false to deliver as fast as it is read.
    public init(frequencyHz: Double, duration: Duration? = nil, isPaced: Bool = true) throws(CaptureError) {
        guard (1...20_000).contains(frequencyHz) else {
            throw CaptureError(.badSpecifier, "a tone of \(frequencyHz) Hz; choose 1 to 20000")
        }
        self.frequencyHz = frequencyHz
        format = try CaptureFormat(sampleRate: 48_000, channelCount: 1, sampleFormat: .f32)
        lengthFrames = duration.map { Int($0 / .milliseconds(1)) * 48 } ?? .max
        isLive = isPaced
        pace = Pace(sampleRate: format.sampleRate, isPaced: isPaced)
    }

    /// Step 1: opens the device and returns the format of its bytes. This source has no device to open.
    public func open() throws(CaptureError) -> CaptureFormat {
        position = 0
        pace.restart()
        return format
    }

    /// Step 2: waits for samples, at most the time limit of `read`, and copies them. Here the clock is the
    /// device.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        if position >= lengthFrames { return .ended }
        let due = pace.dueFrames(after: position)
        if due == 0 { return .nothing }
        let samples = buffer.bindMemory(to: Float.self)
        let count = min(due, samples.count, lengthFrames - position)
        for i in 0..<count {
            // Computes the phase from the position, not from a sum of steps, so that it does not drift over
            // days.
            let turns = (Double(position + i) * frequencyHz / Double(format.sampleRate))
            samples[i] = Float(0.25 * sin(2 * .pi * (turns - turns.rounded(.down))))
        }
        position += count
        return .bytes(count * format.frameByteCount)
    }

    /// Step 3: closes the device.
    public func close() {}
}
