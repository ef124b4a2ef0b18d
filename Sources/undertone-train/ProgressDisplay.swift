// SPDX-License-Identifier: Apache-2.0
import Glibc
import PlainText
import Recipes
import ServiceRuntime
import Training

/// Shows a run's events on stderr: a bar on a terminal, JSON lines elsewhere.
final class ProgressDisplay {
    private var reporter = ProgressReporter()
    private let isTerminal = isatty(STDERR_FILENO) == 1

    func show(_ event: RunEvent) {
        switch event {
        case .preparing(let corpus, let copy, let done, let all):
            report("\(corpus), \(copy == 0 ? "clean" : "copy \(copy)")", done: done, of: all, every: 1_000)
        case .skipped(let corpus, let clips):
            reporter.finish()
            report(
                "\(corpus), damaged clips left out",
                done: 1,
                of: 1,
                every: 1,
                [("clips", Double(clips.count))]
            )
            for clip in clips { StandardError.write("left out: \(plainText(clip))\n") }
        case .notice(let sentence):
            reporter.finish()
            Self.show(sentence)
        case .step(let part, let stage, let done, let all, let loss):
            report("\(part), \(stage)", done: done, of: all, every: 50, [("loss", loss)])
        case .epoch(let part, let stage, let epoch, let all, let loss, let seconds, _, _):
            reporter.finish()
            report(
                "\(part), \(stage), epochs",
                done: epoch,
                of: all,
                every: 1,
                [("loss", loss), ("cpu_seconds", seconds)]
            )
        case .calibrated(let part, _, let temperature, let recall):
            reporter.finish()
            report(
                "\(part), calibrated",
                done: 1,
                of: 1,
                every: 1,
                [("temperature", temperature), ("development_uar", recall)]
            )
        case .faces(let part, let stage, let sources, _):
            report("\(part), \(stage), faces", done: 1, of: 1, every: 1, figures(sources))
        case .labels(let part, let stage, let sources):
            report("\(part), \(stage), labels", done: 1, of: 1, every: 1, figures(sources))
        case .evaluating(let part, let done, let all):
            report("\(part), streaming", done: done, of: all, every: 100)
        }
    }

    /// Shows a sentence on a line of its own.
    static func show(_ sentence: String) { StandardError.write("undertone-train: \(plainText(sentence))\n") }

    private func figures(_ counts: [String: Int]) -> [(name: String, value: Double)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value)) }
    }

    /// One line in `period` steps is enough for a log; a bar draws itself as often as it likes.
    private func report(
        _ task: String,
        done: Int,
        of all: Int,
        every period: Int,
        _ figures: [(name: String, value: Double)] = []
    ) {
        guard isTerminal || done % period == 0 || done == all else { return }
        reporter.report(plainText(task), done: done, of: all, figures)
        if done == all { reporter.finish() }
    }
}
