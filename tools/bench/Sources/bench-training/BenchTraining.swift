// SPDX-License-Identifier: Apache-2.0
import Glibc
import MatrixProducts
import Training

/// CPU time of one training step: forward, loss, backward, AdamW. `tools/bench/training.sh` compares it with
/// PyTorch.
@main struct BenchTraining {
    static func main() throws {
        try OpenBLAS.load()
        guard CommandLine.arguments.count == 2, let work = Work.named[CommandLine.arguments[1]] else {
            print("usage: bench-training \(Work.named.keys.sorted().joined(separator: "|"))")
            exit(64)
        }
        let run = Run(work)
        for _ in 0..<3 { _ = run.step() }
        let times = (0..<15).map { _ in
            let start = processMilliseconds()
            _ = run.step()
            return processMilliseconds() - start
        }
        let median = times.sorted()[times.count / 2]
        let count = run.network.parameters.count
        print(
            """
            {"engine": "undertone (\(OpenBLAS.kernels))", "parameters": \(count), "step_ms": \(median), \
            "peak_mb": \(peakMegabytes())}
            """
        )
    }

    private static func processMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
    }

    private static func peakMegabytes() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1e3
    }
}

/// A network and the size of its batch; `peers/training_peer.py` has the same.
struct Work {
    let shape: NetworkShape
    let clips: Int
    let frames: Int

    static let named = [
        // Four causal convolutions (192 channels, kernel 5, 20 ms frames out) and two GRU layers; batches of 32 x 3 s.
        "anchor": Work(
            shape: NetworkShape(
                inputs: 80,
                width: 192,
                front: [(5, 2), (5, 1), (5, 1), (5, 1)],
                kernel: 1,
                dilations: [],
                recurrentLayers: 2,
                classes: 7,
                dropout: 0
            ),
            clips: 32,
            frames: 300
        ),
        // The default network of undertone-train; batches of 32 x 3.7 s.
        "default": Work(
            shape: NetworkShape(
                inputs: 86,
                width: 160,
                front: [(5, 2), (3, 2)],
                kernel: 3,
                dilations: [1, 2, 4, 1, 2, 4],
                classes: 7,
                dropout: 0.1
            ),
            clips: 32,
            frames: 370
        ),
    ]
}

/// A training run on random numbers.
final class Run {
    let network: EmotionNetwork<Float>
    private let optimiser: AdamW<Float>
    private let batch: TrainingBatch<Float>
    private let targets: [Float]
    private var random: TrainingRandom

    init(_ work: Work) {
        var random = TrainingRandom(seed: 1)
        network = EmotionNetwork(work.shape, random: &random)
        optimiser = AdamW(network.parameters)
        let count = work.clips * work.frames * work.shape.inputs
        batch = TrainingBatch(
            count: work.clips,
            frames: work.frames,
            features: (0..<count).map { _ in Float(random.unit() * 2 - 1) },
            mask: [Float](repeating: 1, count: work.clips * network.embeddingCount(frames: work.frames))
        )
        targets = (0..<work.clips).flatMap { clip in
            (0..<work.shape.classes).map { $0 == clip % work.shape.classes ? 1 : 0 }
        }
        self.random = random
    }

    func step() -> Float {
        let output = network.forward(batch, views: [batch.mask], random: &random)
        var dClasses = output.classLogits
        var dSpeech = output.speechLogits
        let loss =
            Losses.crossEntropy(
                logits: output.classLogits,
                targets: targets,
                classWeights: [Float](repeating: 1, count: network.shape.classes),
                gradient: &dClasses
            )
            + Losses.binaryCrossEntropy(
                logits: output.speechLogits,
                targets: batch.mask,
                mask: batch.mask,
                gradient: &dSpeech
            )
        network.parameters.clearGradients()
        network.backward(classGradients: dClasses, speechGradients: dSpeech)
        _ = optimiser.step(learningRate: 1e-3)
        return loss
    }
}
