// SPDX-License-Identifier: Apache-2.0
import Foundation
import MatrixProducts
import ModelBundle
import Testing
import Training

@Suite struct CheckpointTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "undertone-\(UUID())")

    /// A small run that can be stopped after any step.
    private final class Run {
        static let shape = NetworkShape(
            inputs: 4,
            width: 8,
            front: [(3, 2)],
            kernel: 3,
            dilations: [1],
            classes: 3,
            dropout: 0.2
        )
        var random = TrainingRandom(seed: 9)
        let network: EmotionNetwork<Float>
        let optimiser: AdamW<Float>
        var losses: [Float] = []

        init() throws {
            try OpenBLAS.load()
            network = EmotionNetwork(Self.shape, random: &random)
            optimiser = AdamW(network.parameters)
        }

        func step() {
            let features = (0..<2 * 16 * 4).map { _ in Float(random.unit()) }
            let batch = TrainingBatch<Float>(
                count: 2,
                frames: 16,
                features: features,
                mask: [Float](repeating: 1, count: 16)
            )
            let output = network.forward(batch, views: [batch.mask], random: &random)
            var dClasses = output.classLogits
            losses.append(
                Losses.crossEntropy(
                    logits: output.classLogits,
                    targets: [1, 0, 0, 0, 0, 1],
                    classWeights: [1, 1, 1],
                    gradient: &dClasses
                )
            )
            network.parameters.clearGradients()
            network.backward(
                classGradients: dClasses,
                speechGradients: [Float](repeating: 0, count: batch.mask.count)
            )
            _ = optimiser.step(learningRate: 1e-2)
        }
    }

    @Test func aResumedRunGivesTheNumbersOfAnUnbrokenOne() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let unbroken = try Run()
        for _ in 0..<10 { unbroken.step() }

        let first = try Run()
        for _ in 0..<6 { first.step() }
        try Checkpoint(first.network.parameters, first.optimiser, random: first.random, progress: 6)
            .write(to: folder.path)

        let second = try Run()
        let checkpoint = try Checkpoint<Int>(path: folder.path)
        try checkpoint.restore(second.network.parameters, second.optimiser)
        second.random = checkpoint.random
        for _ in checkpoint.progress..<10 { second.step() }

        #expect(first.losses + second.losses == unbroken.losses, "to the last bit")
        #expect(second.network.parameters.all == unbroken.network.parameters.all)
        #expect(second.optimiser.average == unbroken.optimiser.average)
    }

    @Test func numbersBesideTheNetworkComeBack() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try Run()
        for extra in [[], [1, 2, 3]] as [[Float]] {
            try Checkpoint(
                run.network.parameters,
                run.optimiser,
                random: run.random,
                progress: 0,
                extra: extra
            )
            .write(to: folder.path)
            #expect(try Checkpoint<Int>(path: folder.path).extra == extra)
        }
    }

    @Test func aNewCheckpointReplacesTheOldOneAndLeavesNothingBehind() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try Run()
        for epoch in 0..<3 {
            run.step()
            try Checkpoint(run.network.parameters, run.optimiser, random: run.random, progress: epoch)
                .write(to: folder.path)
        }
        #expect(try Checkpoint<Int>(path: folder.path).progress == 2)
        let parent = folder.deletingLastPathComponent()
        let left = try FileManager.default.contentsOfDirectory(atPath: parent.path)
            .filter { $0.hasPrefix(folder.lastPathComponent) }
        #expect(left == [folder.lastPathComponent])
    }

    @Test func aCheckpointOfAnotherNetworkIsRefused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try Run()
        try Checkpoint(run.network.parameters, run.optimiser, random: run.random, progress: 0).write(
            to: folder.path
        )
        var random = TrainingRandom(seed: 1)
        var wider = Run.shape
        wider.width = 16
        let other = EmotionNetwork<Float>(wider, random: &random)
        #expect(throws: ModelError.self) {
            try Checkpoint<Int>(path: folder.path).restore(other.parameters, AdamW(other.parameters))
        }
    }

    @Test func aDamagedCheckpointIsRefused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try Run()
        try Checkpoint(run.network.parameters, run.optimiser, random: run.random, progress: 0).write(
            to: folder.path
        )
        let weights = folder.appending(path: "model.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 5] ^= 1
        try bytes.write(to: weights)
        #expect(throws: ModelError.self) { try Checkpoint<Int>(path: folder.path) }
    }
}
