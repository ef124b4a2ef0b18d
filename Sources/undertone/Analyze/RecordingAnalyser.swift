// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
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
    private let keepsTimeline: Bool
    private var pipeline: EmotionPipeline

    /// - Parameter keepsTimeline: whether utterances and timelines are wanted, which takes 1 MB an hour.
    init(_ model: StreamModel, keepsTimeline: Bool) {
        self.keepsTimeline = keepsTimeline
        labels = model.labels
        attributes = model.attributes
        pipeline = EmotionPipeline(model)
    }

    /// Analyses one recording, or each of its channels.
    ///
    /// - Parameter damage: told when the recording ends too early; its rows then cover what is there.
    func analyse(
        _ path: String,
        _ channels: AnalyzeChannels,
        damage: (ProgramFailure) -> Void,
        _ report: (AnalysedRecording) throws -> Void
    ) throws {
        guard !path.isEmpty else { throw ProgramFailure(.inputFile, "'' names no file") }
        if isFolder(path) {
            throw ProgramFailure(
                .inputFile,
                "\(path) is a folder; give --recursive to search it for sound files"
            )
        }
        guard case .one(let choice) = channels else {
            for channel in 1...(try channelCount(path)) {
                // The channels are cut in the same place: one sentence is enough.
                try report(analyse(path, .only(channel)) { if channel == 1 { damage($0) } })
            }
            return
        }
        try report(analyse(path, choice, damage: damage))
    }

    private func channelCount(_ path: String) throws -> Int {
        let file = FileCapture(path: path, usesFFmpeg: true)
        defer { file.close() }
        return try file.open().channelCount
    }

    private func analyse(
        _ path: String,
        _ channel: ChannelChoice,
        damage: (ProgramFailure) -> Void
    ) throws -> AnalysedRecording {
        let source: any CaptureSource =
            path == "-" ? StandardInputCapture(format: nil) : FileCapture(path: path, usesFFmpeg: true)
        var summary = ClipSummary(classCount: labels.count, attributeCount: attributes.count)
        var timeline = Timeline()
        pipeline.reset()
        let keepsTimeline = keepsTimeline
        let sampleCount = try hearToEnd(
            source,
            channel: channel,
            with: &pipeline,
            heard: { if keepsTimeline { timeline.add($0) } }
        ) { event in
            summary.add(event)
            if keepsTimeline { timeline.add(event) }
        }
        do { try checkComplete(source) } catch { damage(error) }
        let clip = ClipRow(
            file: path,
            channel: channel.number,
            summary: summary,
            labels: labels,
            sampleCount: sampleCount
        )
        heardSeconds += clip.durationSeconds
        timeline.finish(duration: clip.durationSeconds)
        return AnalysedRecording(clip: clip, timeline: timeline)
    }
}

/// Result for one recording, or for one of its channels.
struct AnalysedRecording {
    let clip: ClipRow
    /// Empty unless it was asked for.
    let timeline: Timeline

    /// The utterances as rows; their levels come from the timeline.
    var table: UtteranceTable {
        let rows = clip.summary.utterances.enumerated().map { row($1, number: $0 + 1) }
        return UtteranceTable(
            file: clip.file,
            channel: clip.channel,
            duration: clip.durationSeconds,
            rows: rows
        )
    }

    private func row(_ estimate: Estimate, number: Int) -> UtteranceRow {
        let label = estimate.verdict.label
        return UtteranceRow(
            number: number,
            start: Plain.seconds(estimate.startSample),
            end: Plain.seconds(max(estimate.startSample, estimate.endSample)),
            label: label.map { clip.labels[$0] },
            reason: estimate.verdict.reason,
            probabilities: label == nil
                ? [] : (0..<estimate.probabilities.count).map { Double(estimate.probabilities[$0]) },
            speechSeconds: Double(estimate.heardMilliseconds) / 1_000,
            level: timeline.level(from: estimate.startSample, to: estimate.endSample),
            voiceSeconds: Double(estimate.voiceSeconds)
        )
    }
}

extension Verdict {
    /// The word for why there is no label.
    var reason: String? {
        if case .none(let reason) = self { "\(reason.word)" } else { nil }
    }
}
