// SPDX-License-Identifier: Apache-2.0

extension TrainingScalar {
    /// r = sigmoid(g_r + W_r h + b_r), z likewise, n = tanh(g_n + r (W_n h + b_n)), h = (1 - z) n + z h.
    public static func gru(
        gates: UnsafeMutablePointer<Self>,
        fromState: UnsafePointer<Self>,
        stateBias: UnsafePointer<Self>,
        previous: UnsafePointer<Self>,
        stateNew: UnsafeMutablePointer<Self>,
        h: UnsafeMutablePointer<Self>,
        width: Int
    ) {
        for i in 0..<width {
            let (r, z, n) = (i, width + i, 2 * width + i)
            gates[r] = 1 / (1 + exp(-(gates[r] + fromState[r] + stateBias[r])))
            gates[z] = 1 / (1 + exp(-(gates[z] + fromState[z] + stateBias[z])))
            stateNew[i] = fromState[n] + stateBias[n]
            gates[n] = tanh(gates[n] + gates[r] * stateNew[i])
            h[i] = (1 - gates[z]) * gates[n] + gates[z] * previous[i]
        }
    }

    /// The chain rule through ``gru(gates:fromState:stateBias:previous:stateNew:h:width:)``, in reverse order of its lines.
    public static func gruGradient(
        gates: UnsafeMutablePointer<Self>,
        stateNew: UnsafePointer<Self>,
        previous: UnsafePointer<Self>,
        dh: UnsafeMutablePointer<Self>,
        dFromState: UnsafeMutablePointer<Self>,
        width: Int
    ) {
        for i in 0..<width {
            let (r, z, n) = (i, width + i, 2 * width + i)
            let (reset, update, candidate) = (gates[r], gates[z], gates[n])
            let dNew = dh[i] * (1 - update) * (1 - candidate * candidate)
            gates[r] = dNew * stateNew[i] * reset * (1 - reset)
            gates[z] = dh[i] * (previous[i] - candidate) * update * (1 - update)
            gates[n] = dNew
            dFromState[r] = gates[r]
            dFromState[z] = gates[z]
            dFromState[n] = dNew * reset
            dh[i] *= update
        }
    }
}
