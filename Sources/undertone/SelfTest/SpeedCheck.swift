// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EmotionStream
import SampleRing

/// Measures the share of this machine that inference takes, on average and at its slowest hop.
struct SpeedCheck {
    private let model: StreamModel

    init(_ model: StreamModel) { self.model = model }

    func finding(_ voice: [Float]) -> Finding {
        let times = hopMicroseconds(voice).sorted()
        let factor = RealTimeFactor.measure(model, voice)
        let seen =
            "real-time factor \(thousandths(factor)); a hop of 10 ms takes \(tenths(times.share(0.5))) µs, "
            + "99 of 100 less than \(tenths(times.share(0.99))) µs, the slowest \(tenths(times.last ?? 0)) µs"
        let verdict: Finding.Verdict = factor < 0.5 ? .ok : factor < 1 ? .warn : .fail
        return Finding(
            "speed",
            at: "inference on one thread",
            verdict,
            seen: seen,
            remedy: verdict == .ok ? nil : "close other programs, use a faster machine or a smaller model"
        )
    }

    private func hopMicroseconds(_ voice: [Float]) -> [Double] {
        var pipeline = EmotionPipeline(model)
        let hop = audioClockRate / 100
        return stride(from: 0, to: voice.count - hop, by: hop).map { start in
            let before = CaptureClock.nowNanoseconds()
            pipeline.step(voice.span.extracting(start..<start + hop)) { _ in }
            return Double(CaptureClock.nowNanoseconds() - before) / 1_000
        }
    }
}

extension [Double] {
    /// The value below which `share` of these sorted values lie; 0 if there is none.
    func share(_ share: Double) -> Double {
        isEmpty ? 0 : self[Swift.min(count - 1, Int((Double(count) * share).rounded(.down)))]
    }
}
