// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import ModelBundle
import SampleRing
import ServiceRuntime

/// Checks that the model can be read, that its checksum is right and that this machine keeps up with it.
struct ModelProbe {
    let path: String

    func look() -> [Finding] {
        let start = CaptureClock.nowNanoseconds()
        do throws(ModelError) {
            let model = try StreamModel(path: path)
            let seconds = Double(CaptureClock.nowNanoseconds() - start) / 1e9
            return [found(model, seconds), speed(of: model)]
        } catch {
            return [
                Finding(
                    "model",
                    at: path,
                    .fail,
                    seen: "\(error)",
                    remedy: "install the model again, or name another one with --model",
                    status: .model
                ),
                Finding("speed", at: "this machine", .skipped, seen: "there is no model to run"),
            ]
        }
    }

    private func found(_ model: StreamModel, _ seconds: Double) -> Finding {
        let hash = model.sha256.prefix(12)
        let labels = model.labels.count
        return Finding(
            "model",
            at: path,
            .ok,
            seen:
                "\(model.id), \(labels) labels, checksum \(hash)… is right, loaded in \(tenths(seconds * 1_000)) ms"
        )
    }

    private func speed(of model: StreamModel) -> Finding {
        let seconds = 3.0
        let factor = RealTimeFactor.measure(model, SyntheticVoice.samples(seconds: seconds))
        let seen =
            "\(tenths(seconds)) s of sound take \(tenths(factor * seconds * 1_000)) ms: real-time factor "
            + thousandths(factor)
        let looked = "this machine with this model"
        let remedy = "close other programs, use a faster machine or a smaller model"
        return switch factor {
        case ..<0.5: Finding("speed", at: looked, .ok, seen: seen)
        case ..<1:
            Finding(
                "speed",
                at: looked,
                .warn,
                seen: seen + "; little time is left for other programs",
                remedy: remedy
            )
        default: Finding("speed", at: looked, .fail, seen: seen + "; audio will be lost", remedy: remedy)
        }
    }
}

/// Time that inference takes for a second of audio.
enum RealTimeFactor {
    /// Time for `samples` divided by their duration, after a warm-up of half a second.
    static func measure(_ model: StreamModel, _ samples: [Float]) -> Double {
        var pipeline = EmotionPipeline(model)
        pipeline.step(samples.span.extracting(first: min(samples.count, audioClockRate / 2))) { _ in }
        pipeline.reset()
        let start = CaptureClock.nowNanoseconds()
        pipeline.step(samples.span) { _ in }
        let seconds = Double(CaptureClock.nowNanoseconds() - start) / 1e9
        return seconds * Double(audioClockRate) / Double(max(1, samples.count))
    }
}
