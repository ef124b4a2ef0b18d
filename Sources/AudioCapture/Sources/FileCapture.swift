// SPDX-License-Identifier: Apache-2.0
import AudioFiles

/// Audio file as a source, delivered as fast as it is read or in real time.
///
/// It can wait, so no samples are lost, even if paced.
public final class FileCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "file:\(path)" }
    /// False: a file waits for its reader.
    public var isLive: Bool { false }

    /// PCM frames according to the header, for a progress bar; nil before `open` or if the header has no
    /// count.
    public var declaredFrameCount: Int64? { reader?.declaredFrameCount }
    /// PCM frames delivered so far.
    public var deliveredFrameCount: Int64 { reader?.deliveredFrameCount ?? 0 }
    /// True if the file ended earlier than its header says. Final after the end.
    public var isTruncated: Bool { reader?.isTruncated ?? false }
    /// Position from which the sound cannot be decoded; nil if there is none. Final after the end.
    public var damage: String? { reader?.damage }
    /// Samples that were NaN or infinite and became 0.
    public var nonFiniteCount: Int64 { reader?.nonFiniteCount ?? 0 }

    private let path: String
    private let isPaced: Bool
    private let usesFFmpeg: Bool
    private var reader: AudioFileReader?
    private var pace = Pace(sampleRate: PCMDecoder.sampleRate, isPaced: false)

    /// Creates a source for the file at `path`; only `open` accesses the file.
    ///
    /// - Parameters:
    ///   - isPaced: true to deliver it in real time, as with `--realtime`.
    ///   - usesFFmpeg: true if ffmpeg may decode, in a child process, a file that libsndfile cannot.
    public init(path: String, isPaced: Bool = false, usesFFmpeg: Bool = false) {
        self.path = path
        self.usesFFmpeg = usesFFmpeg
        self.isPaced = isPaced
    }

    /// Opens the file from its beginning.
    public func open() throws(CaptureError) -> CaptureFormat {
        let reader: AudioFileReader
        do { reader = try AudioFileReader(path: path, usesFFmpeg: usesFFmpeg) } catch {
            throw error.reason == .missing ? missing(error) : CaptureError(error)
        }
        self.reader = reader
        pace = Pace(sampleRate: reader.sampleRate, isPaced: isPaced)
        return try CaptureFormat(
            sampleRate: reader.sampleRate,
            channelCount: reader.channelCount,
            sampleFormat: .f32
        )
    }

    /// The error for a missing file, with a hint what its name may have meant.
    private func missing(_ error: AudioFileError) -> CaptureError {
        switch try? DeviceSpecifier(path) {
        case nil: CaptureError(error)
        case .file(let name):
            CaptureError(error, "\(path): no such file; name a file without 'file:', as \(name)")
        default: CaptureError(error, "\(path): no such file; for a device: undertone listen --device \(path)")
        }
    }

    /// Decodes the next PCM frames.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> CaptureRead {
        guard let reader else { return .ended }
        let due = pace.dueFrames(after: Int(reader.deliveredFrameCount))
        if due == 0 { return .nothing }
        let samples = buffer.bindMemory(to: Float.self)
        let limit = min(due, samples.count / reader.channelCount) * reader.channelCount
        var span = UnsafeMutableBufferPointer(rebasing: samples[..<limit]).mutableSpan
        do {
            let frameCount = try reader.read(into: &span)
            return frameCount == 0 ? .ended : .bytes(frameCount * reader.channelCount * 4)
        } catch {
            return .failed(CaptureError(error))
        }
    }

    /// Does nothing: the reader stays, so that its counters can still be read.
    public func close() {}
}
