// SPDX-License-Identifier: Apache-2.0
import ModelBundle
import NeuralLayers
import StepKernels

/// The 1.4 M parameter network of `peers/gru_network.py`, line by line, with NeuralLayers.
///
///     80 ─► conv k5 ─► conv k3 s2 ─► ffn ─► (+ gru) ─► ffn ─► (+ gru) ─► ffn ─► pool ─► hidden ─► classes
final class GRUNetwork: BenchNetwork {
    private static let width = 192
    let framesPerStep = 2
    let inputCount = 80
    private(set) var probabilities = [Float](repeating: 0, count: 6)

    private let front: CausalConv1d
    private let strided: CausalConv1d
    private let feedForwards: [FeedForward]
    private let recurrences: [GRU]
    private let pooling: Pooling
    private let hidden: Linear
    private let classes: Linear
    private var state: State

    private struct State {
        var front: CausalConv1d.State
        var strided: CausalConv1d.State
        var recurrences: [GRU.State]
        var pool: Pooling.State
    }
    private var feedForwardState = FeedForward.State(width: width)
    private var first = [Float](repeating: 0, count: width)
    private var x = [Float](repeating: 0, count: width)
    private var y = [Float](repeating: 0, count: width)

    init(folder: String) throws {
        let path = folder + "/model.safetensors"
        let tensors = Tensors(file: try TensorFile(decoding: readAll(path), path: path))
        let width = Self.width
        front = try tensors.convolution("f.c1", inputs: 80, outputs: width, kernel: 5)
        strided = try tensors.convolution("f.c2", inputs: width, outputs: width, kernel: 3, stride: 2)
        feedForwards = try ["f0", "f1", "f2"].map { try FeedForward($0, tensors) }
        recurrences = try ["g1", "g2"].map { try tensors.gru($0, size: width) }
        pooling = try Pooling.attention(
            weight: tensors("p.att.weight"),
            bias: tensors("p.att.bias")[0],
            forgetting: 0.99
        )
        hidden = try tensors.linear("h.fc", inputs: width)
        classes = try tensors.linear("h.c", inputs: width)
        state = State(
            front: front.makeState(),
            strided: strided.makeState(),
            recurrences: recurrences.map { $0.makeState() },
            pool: pooling.makeState()
        )
        reset()
    }

    func reset() {
        state = State(
            front: front.makeState(),
            strided: strided.makeState(),
            recurrences: recurrences.map { $0.makeState() },
            pool: pooling.makeState()
        )
        // The reference aligns its strided convolution with the second frame of each pair, ours with the
        // first.
        strided.step([Float](repeating: 0, count: Self.width), &state.strided, into: &x)
    }

    func step(_ frames: [Float]) {
        for frame in 0..<framesPerStep {
            front.step(
                Array(frames[frame * inputCount..<(frame + 1) * inputCount]),
                &state.front,
                into: &first
            )
            Activation.relu.apply(&first)
            strided.step(first, &state.strided, into: &x)
        }
        Activation.relu.apply(&x)
        feedForwards[0].step(&x, &feedForwardState)
        for i in 0..<2 {
            recurrences[i].step(x, &state.recurrences[i], into: &y)
            add(y, to: &x)
            feedForwards[i + 1].step(&x, &feedForwardState)
        }
        pooling.step(x, weight: 1, &state.pool)
        pooling.pooled(state.pool, into: &y)
        hidden.step(y, into: &x)
        Activation.relu.apply(&x)
        classes.step(x, into: &probabilities)
        softmax(&probabilities)
    }
}

/// x + contract(gelu(expand(norm(x)))), four times wider in the middle.
private struct FeedForward {
    let norm: LayerNorm
    let expand: Linear
    let contract: Linear

    struct State {
        var normalized: [Float]
        var expanded: [Float]
        var output: [Float]

        init(width: Int) {
            normalized = Array(repeating: 0, count: width)
            expanded = Array(repeating: 0, count: 4 * width)
            output = Array(repeating: 0, count: width)
        }
    }

    init(_ name: String, _ tensors: Tensors) throws {
        norm = try LayerNorm(weight: tensors(name + ".n.weight"), bias: tensors(name + ".n.bias"))
        expand = try tensors.linear(name + ".a", inputs: norm.inputCount)
        contract = try tensors.linear(name + ".b", inputs: 4 * norm.inputCount)
    }

    func step(_ x: inout [Float], _ state: inout State) {
        norm.step(x, into: &state.normalized)
        expand.step(state.normalized, into: &state.expanded)
        Activation.gelu.apply(&state.expanded)
        contract.step(state.expanded, into: &state.output)
        add(state.output, to: &x)
    }
}

private func add(_ branch: [Float], to x: inout [Float]) {
    var x = x.mutableSpan
    addScaled(1, branch.span, to: &x)
}

/// Layers from a file, by PyTorch's names.
private struct Tensors {
    let file: TensorFile

    func callAsFunction(_ name: String) throws -> [Float] {
        try file.floats(of: name, shape: file.shape(of: name) ?? [])
    }

    func linear(_ name: String, inputs: Int) throws -> Linear {
        let bias = try self(name + ".bias")
        return Linear(
            weight: try self(name + ".weight"),
            bias: bias,
            inputCount: inputs,
            outputCount: bias.count
        )
    }

    func convolution(
        _ name: String,
        inputs: Int,
        outputs: Int,
        kernel: Int,
        stride: Int = 1
    ) throws -> CausalConv1d {
        CausalConv1d(
            weight: try self(name + ".weight"),
            bias: try self(name + ".bias"),
            inputCount: inputs,
            outputCount: outputs,
            kernelSize: kernel,
            stride: stride
        )
    }

    func gru(_ name: String, size: Int) throws -> GRU {
        GRU(
            weightInput: try self(name + ".weight_ih_l0"),
            weightHidden: try self(name + ".weight_hh_l0"),
            biasInput: try self(name + ".bias_ih_l0"),
            biasHidden: try self(name + ".bias_hh_l0"),
            inputCount: size,
            hiddenCount: size
        )
    }
}
