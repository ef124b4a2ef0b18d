// SPDX-License-Identifier: Apache-2.0
import AudioFiles

/// An audio file as a source: as fast as it is read, or in real time.
///
/// It can wait, so nothing of it is ever lost, also when paced.
public final class FileCapture: CaptureSource {
    /// See ``CaptureSource/name``.
    public var name: String { "file:\(path)" }
    /// A file waits for its reader.
    public var isLive: Bool { false }

    /// PCM frames that the header promises, for a progress bar; nil before `open` or when it does not say.
    public var declaredFrameCount: Int64? { reader?.declaredFrameCount }
    /// PCM frames delivered up to now.
    public var deliveredFrameCount: Int64 { reader?.deliveredFrameCount ?? 0 }
    /// True when the file ended before its header said so. Certain after the end.
    public var isTruncated: Bool { reader?.isTruncated ?? false }
    /// Where the sound stops being decodable; nil for nowhere. Certain after the end.
    public var damage: String? { reader?.damage }
    /// Samples that were NaN or infinite and became 0.
    public var nonFiniteCount: Int64 { reader?.nonFiniteCount ?? 0 }

    private let path: String
    private let isPaced: Bool
    private let usesFFmpeg: Bool
    private var reader: AudioFileReader?
    private var pace = Pace(sampleRate: PCMDecoder.sampleRate, isPaced: false)

    /// A source that reads the file at `path`, which is looked at only by `open`.
    ///
    /// - Parameters:
    ///   - isPaced: true to deliver it in real time, as `--realtime` asks.
    ///   - usesFFmpeg: whether ffmpeg may decode what libsndfile cannot, in a child process.
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

    /// The error for a file that is not there, with what its name may have been meant for.
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

    /// Nothing: the reader stays, so that what it counted can still be asked for.
    public func close() {}
}
