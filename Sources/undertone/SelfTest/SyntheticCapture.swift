// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import Glibc
import SampleRing
import Synchronization

/// The synthetic voice in real time, ten milliseconds at a time, like a very regular microphone.
final class SyntheticCapture: CaptureSource {
    let name = "synthetic voice"
    let isLive = true

    private static let pieceSamples = audioClockRate / 100
    private let voice: [Float]
    private let origin: AudioOrigin
    private var position = 0

    init(_ voice: [Float], origin: AudioOrigin) { (self.voice, self.origin) = (voice, origin) }

    func open() throws(CaptureError) -> CaptureFormat {
        position = 0
        origin.set(CaptureClock.nowNanoseconds())
        return try CaptureFormat(sampleRate: audioClockRate, channelCount: 1, sampleFormat: .f32)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        let count = min(Self.pieceSamples, voice.count - position, buffer.count / MemoryLayout<Float>.size)
        if count == 0 { return .ended }
        let due = origin.nanoseconds + Int64(position + count) * CaptureClock.nanosecondsPerSample
        let wait = due - CaptureClock.nowNanoseconds()
        if wait > 0 { usleep(useconds_t(min(wait, 100_000_000) / 1_000)) }
        let samples = buffer.bindMemory(to: Float.self)
        for index in 0..<count { samples[index] = voice[position + index] }
        position += count
        return .bytes(count * MemoryLayout<Float>.size)
    }

    func close() {}
}

/// Time of sample 0 at the microphone, on the monotonic clock: set by one thread, read by another.
final class AudioOrigin: Sendable {
    private let moment = Atomic<Int64>(0)

    var nanoseconds: Int64 { moment.load(ordering: .acquiring) }

    func set(_ nanoseconds: Int64) { moment.store(nanoseconds, ordering: .releasing) }
}
