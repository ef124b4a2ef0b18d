// SPDX-License-Identifier: Apache-2.0
import CStepKernels

/// The loops of ``LSTM`` and ``RNN``.
public protocol MemoryLoops {
    /// One frame of an LSTM for one sequence. `gates` holds the part of input and biases before, and i, f, g, o after;
    /// `fromState` is W_h h.
    static func lstm(
        gates: UnsafeMutablePointer<Self>,
        fromState: UnsafePointer<Self>,
        previousCell: UnsafePointer<Self>,
        cell: UnsafeMutablePointer<Self>,
        h: UnsafeMutablePointer<Self>,
        width: Int
    )
    /// The gradient of an LSTM frame: `gates` become the gradients of the four sums, `dCell` that of the previous cell.
    static func lstmGradient(
        gates: UnsafeMutablePointer<Self>,
        previousCell: UnsafePointer<Self>,
        cell: UnsafePointer<Self>,
        dh: UnsafePointer<Self>,
        dCell: UnsafeMutablePointer<Self>,
        width: Int
    )
    /// values = tanh(values).
    static func tanh(_ values: UnsafeMutablePointer<Self>, count: Int)
    /// gradient *= 1 - output squared.
    static func tanhGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ output: UnsafePointer<Self>,
        count: Int
    )
}

extension TrainingScalar {
    /// Plain implementation of ``MemoryLoops/lstm(gates:fromState:previousCell:cell:h:width:)``.
    public static func lstm(
        gates: UnsafeMutablePointer<Self>,
        fromState: UnsafePointer<Self>,
        previousCell: UnsafePointer<Self>,
        cell: UnsafeMutablePointer<Self>,
        h: UnsafeMutablePointer<Self>,
        width: Int
    ) {
        for k in 0..<width {
            let (i, f, g, o) = (k, width + k, 2 * width + k, 3 * width + k)
            gates[i] = 1 / (1 + exp(-(gates[i] + fromState[i])))
            gates[f] = 1 / (1 + exp(-(gates[f] + fromState[f])))
            gates[g] = tanh(gates[g] + fromState[g])
            gates[o] = 1 / (1 + exp(-(gates[o] + fromState[o])))
            cell[k] = gates[f] * previousCell[k] + gates[i] * gates[g]
            h[k] = gates[o] * tanh(cell[k])
        }
    }

    /// The chain rule through ``lstm(gates:fromState:previousCell:cell:h:width:)``, in reverse order of its lines.
    public static func lstmGradient(
        gates: UnsafeMutablePointer<Self>,
        previousCell: UnsafePointer<Self>,
        cell: UnsafePointer<Self>,
        dh: UnsafePointer<Self>,
        dCell: UnsafeMutablePointer<Self>,
        width: Int
    ) {
        for k in 0..<width {
            let (i, f, g, o) = (k, width + k, 2 * width + k, 3 * width + k)
            let (input, forget, new, out) = (gates[i], gates[f], gates[g], gates[o])
            let said = tanh(cell[k])
            let d = dCell[k] + dh[k] * out * (1 - said * said)
            gates[i] = d * new * input * (1 - input)
            gates[f] = d * previousCell[k] * forget * (1 - forget)
            gates[g] = d * input * (1 - new * new)
            gates[o] = dh[k] * said * out * (1 - out)
            dCell[k] = d * forget
        }
    }

    /// values = tanh(values).
    public static func tanh(_ values: UnsafeMutablePointer<Self>, count: Int) {
        for index in 0..<count { values[index] = tanh(values[index]) }
    }

    /// gradient *= 1 - output squared.
    public static func tanhGradient(
        _ gradient: UnsafeMutablePointer<Self>,
        _ output: UnsafePointer<Self>,
        count: Int
    ) {
        for index in 0..<count { gradient[index] *= 1 - output[index] * output[index] }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float {
    public static func lstm(
        gates: UnsafeMutablePointer<Float>,
        fromState: UnsafePointer<Float>,
        previousCell: UnsafePointer<Float>,
        cell: UnsafeMutablePointer<Float>,
        h: UnsafeMutablePointer<Float>,
        width: Int
    ) {
        training_lstm(gates, fromState, previousCell, cell, h, width)
    }
    public static func lstmGradient(
        gates: UnsafeMutablePointer<Float>,
        previousCell: UnsafePointer<Float>,
        cell: UnsafePointer<Float>,
        dh: UnsafePointer<Float>,
        dCell: UnsafeMutablePointer<Float>,
        width: Int
    ) {
        training_lstm_gradient(gates, previousCell, cell, dh, dCell, width)
    }
}
