// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionStream
import ServiceRuntime

/// Runs whole recordings through one pipeline, one after the other.
///
/// Reads piece by piece, so a recording of many hours takes no more memory than a short one.
final class RecordingAnalyser {
    let labels: [String]
    let attributes: [String]
    /// Seconds of sound heard so far, all recordings together.
    private(set) var heardSeconds = 0.0
    private var pipeline: EmotionPipeline

    init(_ model: StreamModel) {
        labels = model.labels
        attributes = model.attributes
        pipeline = EmotionPipeline(model)
    }

    /// Hears one recording.
    ///
    /// - Parameter damage: told when the recording ends too early; its row then covers what is there.
    func row(for path: String, damage: (ProgramFailure) -> Void) throws -> ClipRow {
        guard !path.isEmpty else { throw ProgramFailure(.inputFile, "'' names no file") }
        if isFolder(path) {
            throw ProgramFailure(
                .inputFile,
                "\(path) is a folder; give --recursive to search it for sound files"
            )
        }
        let source: any CaptureSource =
            path == "-" ? StandardInputCapture(format: nil) : FileCapture(path: path, usesFFmpeg: true)
        var summary = ClipSummary(classCount: labels.count, attributeCount: attributes.count)
        pipeline.reset()
        let sampleCount = try hearToEnd(source, with: &pipeline) { summary.add($0) }
        do { try checkComplete(source) } catch { damage(error) }
        let row = ClipRow(file: path, summary: summary, sampleCount: sampleCount)
        heardSeconds += row.durationSeconds
        return row
    }
}
