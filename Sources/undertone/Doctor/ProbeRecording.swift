// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import SampleRing

/// A short recording of a microphone, in memory only, with the arrival time of each buffer.
struct Recording: Sendable {
    let device: String
    let format: CaptureFormat
    /// Samples, 16 kHz, full scale -1...1.
    private(set) var samples: [Float] = []
    /// Number of PCM frames up to each arrival, and its time in seconds since the device was opened.
    private(set) var arrivals: [(frames: Int, seconds: Double)] = []
    private(set) var lostFrames = 0
    /// The error that ended it early.
    private(set) var failure: CaptureError?

    /// Records `seconds` from the first samples on, and gives up when the device delivers nothing for `seconds` plus
    /// two.
    init(_ source: any CaptureSource, seconds: Double) throws(CaptureError) {
        format = try source.open()
        defer { source.close() }
        device = source.deviceName
        var decoder = try PCMDecoder(format: format)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: 16)
        defer { bytes.deallocate() }
        let start = CaptureClock.nowNanoseconds()
        var byteCount = 0
        while failure == nil {
            let now = Double(CaptureClock.nowNanoseconds() - start) / 1e9
            let begin = arrivals.first?.seconds ?? 2
            if now >= begin + seconds { break }
            switch source.read(into: bytes) {
            case .bytes(let count):
                byteCount += count
                note(frames: byteCount / format.frameByteCount, start)
                decoder.step(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<count]))) {
                    keep($0)
                }
            case .lost(let frames): lostFrames += frames
            case .failed(let error): failure = error
            case .ended: return
            case .nothing, .suspended, .moved: break
            }
        }
    }

    private mutating func note(frames: Int, _ start: Int64) {
        arrivals.append((frames, Double(CaptureClock.nowNanoseconds() - start) / 1e9))
    }

    private mutating func keep(_ piece: Span<Float>) {
        for index in piece.indices { samples.append(piece[index]) }
    }
}

extension Recording {
    /// The device's rate relative to the monotonic clock, 1 for a perfect one, and the largest error of that value.
    ///
    /// A line through the arrivals (least squares). A buffer can arrive late, never early, so the error of the slope is
    /// at most the spread of the delays divided by the duration. Nil for too few arrivals.
    var clock: (ratio: Double, error: Double)? {
        let points = arrivals.dropFirst().map {
            (x: $0.seconds, y: Double($0.frames) / Double(format.sampleRate))
        }
        guard points.count >= 10, let first = points.first, let last = points.last, last.x > first.x else {
            return nil
        }
        let count = Double(points.count)
        let middle = (
            x: points.reduce(0) { $0 + $1.x } / count, y: points.reduce(0) { $0 + $1.y } / count
        )
        let spread = points.reduce(0) { $0 + ($1.x - middle.x) * ($1.x - middle.x) }
        let slope = points.reduce(0) { $0 + ($1.x - middle.x) * ($1.y - middle.y) } / spread
        let lateness = points.map { $0.y - slope * $0.x }
        let range = (lateness.max() ?? 0) - (lateness.min() ?? 0)
        return (slope, range / (last.x - first.x))
    }
}
