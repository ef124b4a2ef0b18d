// SPDX-License-Identifier: Apache-2.0
import MatrixProducts
import Papers
import TestSupport
import Testing
import Training

/// Every gradient of every network of the papers, by central differences in Double.
@Suite struct GradientTests {
    private func numbers(_ count: Int, _ random: inout TrainingRandom) -> [Double] {
        (0..<count).map { _ in random.unit() * 2 - 1 }
    }

    /// Batch normalisation takes a source of dropout for the sign of training; nothing is dropped.
    private func training<Result>(_ body: (UnsafeMutablePointer<TrainingRandom>) -> Result) -> Result {
        var random = TrainingRandom(seed: 1)
        return withUnsafeMutablePointer(to: &random, body)
    }

    @Test(arguments: ChunkLevelModel<Double>.Encoder.allCases, ChunkLevelModel<Double>.Aggregation.allCases)
    func everyGradientOfAChunkLevelModelAgrees(
        encoder: ChunkLevelModel<Double>.Encoder,
        aggregation: ChunkLevelModel<Double>.Aggregation
    ) throws {
        try OpenBLAS.load()
        var random = TrainingRandom(seed: 2)
        let shape = ChunkLevelModel<Double>.Shape(
            encoder,
            aggregation,
            inputs: 3,
            frames: 14,
            chunks: 4,
            width: 8,
            outputs: 3,
            dropout: 0
        )
        let model = ChunkLevelModel(shape, random: &random)
        let chunks = numbers(3 * 4 * 14 * 3, &random)
        let direction = numbers(3 * 3, &random)
        let loss = { training { model.forward(chunks, sentences: 3, random: $0) } }
        _ = loss()
        model.parameters.clearGradients()
        model.backward(direction, sentences: 3)
        let worst = worstSlopeError(
            around: model.parameters.all,
            gradient: model.parameters.allGradients,
            move: 1e-6
        ) {
            model.parameters.all = $0
            return zip(loss(), direction).reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(worst < 2e-5)
    }

    @Test(arguments: DeepEmoCluster<Double>.Context.allCases)
    func everyGradientOfDeepEmoClusterAgrees(context: DeepEmoCluster<Double>.Context) throws {
        try OpenBLAS.load()
        var random = TrainingRandom(seed: 3)
        let shape = DeepEmoCluster<Double>.Shape(
            rows: 9,
            columns: 10,
            channels: [2, 2, 3, 3],
            width: 6,
            clusters: 4,
            outputs: 3,
            context: context,
            dropout: 0
        )
        let network = DeepEmoCluster(shape, random: &random)
        // Biases of zero would leave dead corners of the images exactly at the kink of ReLU.
        network.parameters.all = network.parameters.all.map { $0 + 0.1 * random.unit() }
        let chunks = numbers(2 * 3 * 9 * 10, &random)
        let (clusters, emotions) = (numbers(6 * 4, &random), numbers(6 * 3, &random))
        let embeddings = numbers(6 * 6, &random)
        // The parts of a transformer and of the convolutions over chunks drop a share of their own.
        let dropsInside = context == .transformer || context == .convolution
        func loss() -> Double {
            let output =
                dropsInside
                ? network.forward(chunks, sentences: 2)
                : training { network.forward(chunks, sentences: 2, random: $0) }
            return zip(
                output.clusterLogits + output.emotions + output.embeddings,
                clusters + emotions + embeddings
            )
            .reduce(0) { $0 + $1.0 * $1.1 }
        }
        _ = loss()
        network.parameters.clearGradients()
        network.clusterParameters.clearGradients()
        network.backward(clusters: clusters, emotions: emotions, embeddings: embeddings)
        for parameters in [network.parameters, network.clusterParameters] {
            // Outside of training the running statistics count, and no gradient flows into them.
            let start = parameters.all
            let gradients = parameters.allGradients
            for entry in parameters.entries where !entry.name.contains("running") {
                let range = entry.offset..<entry.offset + entry.count
                let worst = worstSlopeError(
                    around: Array(start[range]),
                    gradient: Array(gradients[range]),
                    move: 1e-6
                ) {
                    parameters.all = start[..<range.lowerBound] + $0 + start[range.upperBound...]
                    return loss()
                }
                parameters.all = start
                #expect(worst < 2e-5, "\(entry.name)")
            }
        }
    }

    @Test func theGradientOfTripletsAgrees() {
        var random = TrainingRandom(seed: 4)
        let embeddings = numbers(6 * 5, &random)
        let triplets = [
            Triplet(anchor: 0, positive: 1, negative: 2), Triplet(anchor: 3, positive: 0, negative: 5),
            Triplet(anchor: 4, positive: 2, negative: 1),
        ]
        func loss(_ x: [Double], _ gradient: inout [Double]) -> Double {
            Losses.tripletMargin(x, columns: 5, triplets, margin: 1, gradient: &gradient)
        }
        var gradient = embeddings.map { _ in 0.0 }
        #expect(loss(embeddings, &gradient) > 0)
        let worst = worstSlopeError(around: embeddings, gradient: gradient) {
            var ignored = $0
            return loss($0, &ignored)
        }
        #expect(worst < 1e-6)
    }

    @Test func aTripletThatIsFarEnoughApartTeachesNothing() {
        var gradient = [Double](repeating: 0, count: 6)
        let triplets = [Triplet(anchor: 0, positive: 1, negative: 2)]
        let loss = Losses.tripletMargin(
            [0, 0, 0.1, 0, 5, 0],
            columns: 2,
            triplets,
            margin: 1,
            gradient: &gradient
        )
        #expect(loss == 0)
        #expect(gradient.allSatisfy { $0 == 0 })
    }
}
