// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import Glibc
import ModelBundle
import PlainText
import ServiceRuntime

/// Reads settings and model within limits of time and memory: disks may be slow, and files invalid.
enum ModelLoading {
    /// Time limit for reading the settings.
    static let settingsLimit = Duration.seconds(4)
    /// Time limit for reading a model.
    static let modelLimit = Duration.seconds(30)
    /// Peak memory while a model is read, divided by the size of its weights.
    private static let peakFactor = 4
    /// Memory that the rest of the daemon needs meanwhile, in bytes.
    private static let reserve = 16 << 20

    /// Reads the model at `path` on a separate thread, if there is memory for it.
    ///
    /// - Returns: the model, and a warning if it does not respond to speech.
    static func model(at path: String) async throws -> (model: StreamModel, deafness: String?) {
        let failure = ProgramFailure(
            .model,
            "the model \(path) could not be read within \(modelLimit.components.seconds) s; check its disk"
        )
        return try await withTimeLimit(modelLimit, else: failure) {
            try checkMemory(for: path)
            let model = try StreamModel(path: path)
            return (model: model, deafness: model.deafness)
        }
    }

    /// Refuses a model if the system would end the process for the memory that reading it takes.
    private static func checkMemory(for path: String) throws(ProgramFailure) {
        var status = stat()
        let weights = ModelFolder.path(named: path) + "/model.safetensors"
        guard PathText.withPath(weights, { stat($0, &status) }) == 0, let left = ProcessLimits.memoryLeft()
        else { return }
        let size = Int(clamping: status.st_size)
        let (product, overflows) = size.multipliedReportingOverflow(by: peakFactor)
        guard overflows || product > left.bytes - reserve else { return }
        throw ProgramFailure(
            .model,
            "the model \(path) has \(Plain.bytes(Double(size))) and needs \(peakFactor) times as much while it is read, "
                + "but \(left.limit) leaves \(Plain.bytes(Double(left.bytes))); raise that limit or use a smaller model"
        )
    }
}

extension StreamModel {
    /// A warning if the model gives the same output for a voice and for silence: weights may be finite and still be
    /// useless, which no other check reports.
    fileprivate var deafness: String? {
        var pipeline = EmotionPipeline(self, reportsLevels: true)
        var answers: [Float] = []
        for sound in [Self.silence, Self.voice] {
            pipeline.step(sound.span) { event in
                if case .level(let level) = event { answers.append(level.speechProbability) }
            }
        }
        guard let least = answers.min(), let most = answers.max() else { return nil }
        let differs = answers.allSatisfy(\.isFinite) && most - least > 1e-6
        return differs
            ? nil : "the model \(id) gives the same output for speech and silence; its weights may be damaged"
    }

    private static let silence = [Float](repeating: 0, count: audioClockRate / 2)

    /// 1.5 s of a sound like vowels: harmonics of 120 Hz with falling amplitudes, in syllables.
    private static let voice: [Float] = (0..<audioClockRate * 3 / 2).map { index in
        let time = Double(index) / Double(audioClockRate)
        let syllable = 0.5 - 0.5 * cos(2 * .pi * 4 * time)
        let sum = (1...20).reduce(0.0) { $0 + sin(2 * .pi * 120 * Double($1) * time) / Double($1) }
        return Float(0.1 * syllable * sum)
    }
}
