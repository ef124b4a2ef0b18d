// SPDX-License-Identifier: Apache-2.0
import CStepKernels

// The most expensive loops, compiled for each CPU generation. Each gives the results of the plain loop of its name.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Float {
    public static func add(_ values: UnsafeMutablePointer<Float>, _ addend: UnsafePointer<Float>, count: Int)
    {
        training_add(values, addend, count)
    }
    public static func addBias(
        _ values: UnsafeMutablePointer<Float>,
        _ bias: UnsafePointer<Float>,
        rows: Int,
        columns: Int
    ) {
        training_add_bias(values, bias, rows, columns)
    }
    public static func sumRows(
        _ sums: UnsafeMutablePointer<Float>,
        _ values: UnsafePointer<Float>,
        rows: Int,
        columns: Int
    ) {
        training_sum_rows(sums, values, rows, columns)
    }
    public static func relu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        training_relu(values, count)
    }
    public static func reluGradient(
        _ gradient: UnsafeMutablePointer<Float>,
        _ output: UnsafePointer<Float>,
        count: Int
    ) {
        training_relu_gradient(gradient, output, count)
    }
    public static func gelu(
        _ values: UnsafePointer<Float>,
        into output: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        training_gelu(values, output, count)
    }
    public static func geluGradient(
        _ gradient: UnsafeMutablePointer<Float>,
        _ values: UnsafePointer<Float>,
        count: Int
    ) {
        training_gelu_gradient(gradient, values, count)
    }
    public static func addScaled(
        _ values: UnsafeMutablePointer<Float>,
        _ addend: UnsafePointer<Float>,
        _ scale: Float,
        count: Int
    ) {
        kernel_add_scaled(scale, addend, values, count)
    }
    public static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
        kernel_dot(a, b, count)
    }
    public static func multiply(
        _ values: UnsafeMutablePointer<Float>,
        _ factor: UnsafePointer<Float>,
        count: Int
    ) {
        training_multiply(values, factor, count)
    }
    public static func multiplyAdd(
        _ values: UnsafeMutablePointer<Float>,
        _ a: UnsafePointer<Float>,
        _ b: UnsafePointer<Float>,
        count: Int
    ) {
        training_multiply_add(values, a, b, count)
    }
    public static func layerNorm(
        _ x: UnsafePointer<Float>,
        weight: UnsafePointer<Float>,
        bias: UnsafePointer<Float>,
        normalized: UnsafeMutablePointer<Float>,
        inverseDeviations: UnsafeMutablePointer<Float>,
        output: UnsafeMutablePointer<Float>,
        rows: Int,
        columns: Int,
        epsilon: Float
    ) {
        training_layer_norm(x, weight, bias, normalized, inverseDeviations, output, rows, columns, epsilon)
    }
    public static func layerNormGradient(
        _ dy: UnsafePointer<Float>,
        weight: UnsafePointer<Float>,
        normalized: UnsafePointer<Float>,
        inverseDeviations: UnsafePointer<Float>,
        dWeight: UnsafeMutablePointer<Float>,
        dBias: UnsafeMutablePointer<Float>,
        dx: UnsafeMutablePointer<Float>,
        rows: Int,
        columns: Int
    ) {
        training_layer_norm_gradient(
            dy,
            weight,
            normalized,
            inverseDeviations,
            dWeight,
            dBias,
            dx,
            rows,
            columns
        )
    }
    public static func gru(
        gates: UnsafeMutablePointer<Float>,
        fromState: UnsafePointer<Float>,
        stateBias: UnsafePointer<Float>,
        previous: UnsafePointer<Float>,
        stateNew: UnsafeMutablePointer<Float>,
        h: UnsafeMutablePointer<Float>,
        width: Int
    ) {
        training_gru(gates, fromState, stateBias, previous, stateNew, h, width)
    }
    public static func gruGradient(
        gates: UnsafeMutablePointer<Float>,
        stateNew: UnsafePointer<Float>,
        previous: UnsafePointer<Float>,
        dh: UnsafeMutablePointer<Float>,
        dFromState: UnsafeMutablePointer<Float>,
        width: Int
    ) {
        training_gru_gradient(gates, stateNew, previous, dh, dFromState, width)
    }
    public static func adam(
        values: UnsafeMutablePointer<Float>,
        gradients: UnsafePointer<Float>,
        mean: UnsafeMutablePointer<Float>,
        square: UnsafeMutablePointer<Float>,
        average: UnsafeMutablePointer<Float>,
        range: Range<Int>,
        _ n: AdamNumbers<Float>
    ) {
        let start = range.lowerBound
        training_adam_step(
            values + start,
            gradients + start,
            mean + start,
            square + start,
            average + start,
            range.count,
            training_adam(
                gradient_scale: n.gradientScale,
                keep: n.keep,
                beta1: n.beta1,
                beta2: n.beta2,
                rate: n.rate,
                root_scale: n.rootScale,
                epsilon: n.epsilon,
                average_decay: n.averageDecay
            )
        )
    }
}
