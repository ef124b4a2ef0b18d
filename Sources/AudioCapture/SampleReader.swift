// SPDX-License-Identifier: Apache-2.0

/// Reads a source to its end, at the caller's speed: 16 kHz, mono, full scale -1...1.
///
/// For offline work. One thread at a time; allocates only in `init`.
public final class SampleReader {
    /// PCM frames that the device reported as lost; always 0 for files and pipes.
    public private(set) var lostFrameCount = 0
    /// Format of the source.
    public let format: CaptureFormat

    private let source: any CaptureSource
    private var decoder: PCMDecoder
    private let bytes: UnsafeMutableRawBufferPointer
    /// Decoded samples that were not read yet: `pending[next..<pendingEnd]`.
    private var pending: [Float]
    private var next = 0
    private var pendingEnd = 0
    private var isAtEnd = false

    /// Opens `source`.
    public init(_ source: any CaptureSource, channel: ChannelChoice = .mix) throws(CaptureError) {
        self.source = source
        format = try source.open()
        do { decoder = try PCMDecoder(format: format, channel: channel) } catch {
            source.close()
            throw error
        }
        // After all that may throw, because `deinit` does not run for an object that was not fully
        // initialised.
        bytes = .allocate(byteCount: 1 << 16, alignment: 16)
        // A block of bytes at most doubles (from 8 kHz); the end of the resampler is added.
        let mostFrames = bytes.count / format.frameByteCount + 1
        pending = [Float](repeating: 0, count: mostFrames * 2 + 4_096)
    }

    deinit {
        source.close()
        bytes.deallocate()
    }

    /// Fills `destination` from its beginning; waits if the source is live.
    ///
    /// - Returns: number of samples: all that fit, fewer only before the end, and 0 at the end.
    /// - Throws: the error of the source.
    public func read(into destination: inout MutableSpan<Float>) throws(CaptureError) -> Int {
        var filled = 0
        while filled < destination.count {
            if next == pendingEnd {
                if isAtEnd { break }
                try refill()
            }
            let count = min(pendingEnd - next, destination.count - filled)
            for i in 0..<count { destination[filled + i] = pending[next + i] }
            next += count
            filled += count
        }
        return filled
    }

    private func refill() throws(CaptureError) {
        next = 0
        pendingEnd = 0
        switch source.read(into: bytes) {
        case .bytes(let count): decode(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        case .nothing, .suspended, .moved: break
        case .lost(let frameCount): lostFrameCount += frameCount
        case .failed(let error): throw error
        case .ended:
            isAtEnd = true
            decoder.finish { keep($0) }
        }
    }

    private func decode(_ input: UnsafeRawBufferPointer) {
        decoder.step(input) { keep($0) }
    }

    private func keep(_ samples: Span<Float>) {
        for i in samples.indices { pending[pendingEnd + i] = samples[i] }
        pendingEnd += samples.count
    }
}
