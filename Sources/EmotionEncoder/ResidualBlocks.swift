// SPDX-License-Identifier: Apache-2.0
import NeuralLayers
import StepKernels

/// x + pointwise(activation(convolution(norm(x))))
struct ConvolutionBlock: Sendable {
    let norm: LayerNorm
    let convolution: CausalConv1d
    let activation: Activation
    let pointwise: Linear

    struct State: Sendable {
        var past: CausalConv1d.State
        var normalized: [Float]
        var branch: [Float]
        var output: [Float]
    }

    func makeState() -> State {
        let width = norm.outputCount
        return State(
            past: convolution.makeState(),
            normalized: zeros(width),
            branch: zeros(width),
            output: zeros(width)
        )
    }

    func reset(_ state: inout State) { convolution.reset(&state.past) }

    /// Adds the branch to `x` `[width]` in place.
    func step(_ x: inout [Float], _ state: inout State) {
        norm.step(x, into: &state.normalized)
        convolution.step(state.normalized, &state.past, into: &state.branch)
        activation.apply(&state.branch)
        pointwise.step(state.branch, into: &state.output)
        add(state.output, to: &x)
    }

    func forward(_ sequence: [Float]) -> [Float] {
        var branch = convolution.forward(norm.forward(sequence))
        activation.apply(&branch)
        return sum(sequence, pointwise.forward(branch))
    }
}

/// x + contract(activation(expand(norm(depthwise(x)))))
struct DepthwiseBlock: Sendable {
    let depthwise: DepthwiseConv1d
    let norm: LayerNorm
    let expand: Linear
    let activation: Activation
    let contract: Linear

    struct State: Sendable {
        var past: DepthwiseConv1d.State
        var convolved: [Float]
        var normalized: [Float]
        var expanded: [Float]
        var output: [Float]
    }

    func makeState() -> State {
        let width = norm.outputCount
        return State(
            past: depthwise.makeState(),
            convolved: zeros(width),
            normalized: zeros(width),
            expanded: zeros(expand.outputCount),
            output: zeros(width)
        )
    }

    func reset(_ state: inout State) { depthwise.reset(&state.past) }

    /// Adds the branch to `x` `[width]` in place.
    func step(_ x: inout [Float], _ state: inout State) {
        depthwise.step(x, &state.past, into: &state.convolved)
        norm.step(state.convolved, into: &state.normalized)
        expand.step(state.normalized, into: &state.expanded)
        activation.apply(&state.expanded)
        contract.step(state.expanded, into: &state.output)
        add(state.output, to: &x)
    }

    func forward(_ sequence: [Float]) -> [Float] {
        var branch = expand.forward(norm.forward(depthwise.forward(sequence)))
        activation.apply(&branch)
        return sum(sequence, contract.forward(branch))
    }
}

/// x + gru(x)
struct RecurrentBlock: Sendable {
    let gru: GRU

    struct State: Sendable {
        var past: GRU.State
        var output: [Float]
    }

    func makeState() -> State {
        State(past: gru.makeState(), output: zeros(gru.outputCount))
    }

    func reset(_ state: inout State) { gru.reset(&state.past) }

    /// Adds the branch to `x` `[width]` in place.
    func step(_ x: inout [Float], _ state: inout State) {
        gru.step(x, &state.past, into: &state.output)
        add(state.output, to: &x)
    }

    func forward(_ sequence: [Float]) -> [Float] { sum(sequence, gru.forward(sequence)) }
}

private func add(_ branch: [Float], to x: inout [Float]) {
    var x = x.mutableSpan
    addScaled(1, branch.span, to: &x)
}

private func sum(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map(+) }
