// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEvents
import EmotionStream
import ServiceRuntime

/// Processes a source that can wait, a file or a pipe, to its end: one thread, no loss, constant memory.
///
/// - Parameter heard: receives all samples, before the events that they cause.
/// - Returns: number of samples processed, 16 kHz.
func hearToEnd(
    _ source: any CaptureSource,
    channel: ChannelChoice = .mix,
    with pipeline: inout EmotionPipeline,
    heard: (Span<Float>) -> Void = { _ in },
    _ emit: (EmotionEvent) throws -> Void
) throws -> Int64 {
    let reader = try SampleReader(source, channel: channel)
    // A tenth of a second, so that a pipe in real time waits only briefly.
    var buffer = [Float](repeating: 0, count: audioClockRate / 10)
    var events: [EmotionEvent] = []
    var sampleCount: Int64 = 0
    while case let count = try read(reader, into: &buffer), count > 0 {
        sampleCount += Int64(count)
        heard(buffer.span.extracting(first: count))
        pipeline.step(buffer.span.extracting(first: count)) { events.append($0) }
        for event in events { try emit(event) }
        events.removeAll(keepingCapacity: true)
    }
    pipeline.finish { events.append($0) }
    for event in events { try emit(event) }
    return sampleCount
}

private func read(_ reader: SampleReader, into buffer: inout [Float]) throws -> Int {
    var span = buffer.mutableSpan
    return try reader.read(into: &span)
}

/// Throws when `source` is a file or a stream that ended before its header says, or could not be decoded to its end.
func checkComplete(_ source: any CaptureSource) throws(ProgramFailure) {
    let name: String
    let damage: String?
    switch source {
    case let file as FileCapture where file.isTruncated:
        (name, damage) = (String(file.name.dropFirst("file:".count)), file.damage)
    case let input as StandardInputCapture where input.damage != nil:
        (name, damage) = (input.name, input.damage)
    default: return
    }
    let reason = damage.map { " (\($0))" } ?? ""
    throw ProgramFailure(
        .inputFile,
        "\(name) ends early\(reason); the part before that was analysed, the rest is missing"
    )
}
