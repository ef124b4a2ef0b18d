// SPDX-License-Identifier: Apache-2.0
// Inner loops of training, written so that the compiler vectorises each for each CPU generation.
#include "training_kernels.h"
#include "elements.h"
#include "kernel.h"

KERNEL void training_add(float *restrict values, const float *restrict addend, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] += addend[i];
}

KERNEL void training_multiply(float *restrict values, const float *restrict factor, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] *= factor[i];
}

KERNEL void training_multiply_add(float *restrict values, const float *restrict a, const float *restrict b,
                                  size_t count) {
    for (size_t i = 0; i < count; i++) values[i] += a[i] * b[i];
}

KERNEL void training_add_bias(float *restrict values, const float *restrict bias, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, values += columns)
        for (size_t c = 0; c < columns; c++) values[c] += bias[c];
}

KERNEL void training_sum_rows(float *restrict sums, const float *restrict values, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, values += columns)
        for (size_t c = 0; c < columns; c++) sums[c] += values[c];
}

KERNEL void training_relu(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = values[i] < 0 ? 0 : values[i];
}

KERNEL void training_relu_gradient(float *restrict gradient, const float *restrict output, size_t count) {
    for (size_t i = 0; i < count; i++) gradient[i] = output[i] > 0 ? gradient[i] : 0;
}

KERNEL void training_gelu(const float *restrict values, float *restrict out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = gelu(values[i]);
}

KERNEL void training_gelu_gradient(float *restrict gradient, const float *restrict values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float x = values[i];
        float density = 0.39894228040143268f * exponential(-0.5f * x * x);
        gradient[i] *= normal_distribution(x) + x * density;
    }
}

KERNEL void training_layer_norm(const float *restrict x, const float *restrict weight, const float *restrict bias,
                                float *restrict normalized, float *restrict inverse_deviations,
                                float *restrict output, size_t rows, size_t columns, float epsilon) {
    for (size_t row = 0; row < rows; row++, x += columns, normalized += columns, output += columns) {
        float mean = lane_sum(x, columns) / (float)columns;
        for (size_t c = 0; c < columns; c++) normalized[c] = x[c] - mean;
        float inverse = 1 / sqrtf(lane_dot(normalized, normalized, columns) / (float)columns + epsilon);
        inverse_deviations[row] = inverse;
        for (size_t c = 0; c < columns; c++) {
            normalized[c] *= inverse;
            output[c] = normalized[c] * weight[c] + bias[c];
        }
    }
}

KERNEL void training_layer_norm_gradient(const float *restrict dy, const float *restrict weight,
                                         const float *restrict normalized, const float *restrict inverse_deviations,
                                         float *restrict d_weight, float *restrict d_bias, float *restrict dx,
                                         size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, dy += columns, normalized += columns, dx += columns) {
        for (size_t c = 0; c < columns; c++) {
            dx[c] = dy[c] * weight[c];
            d_weight[c] += dy[c] * normalized[c];
            d_bias[c] += dy[c];
        }
        float mean = lane_sum(dx, columns) / (float)columns;
        float along = lane_dot(dx, normalized, columns) / (float)columns;
        float inverse = inverse_deviations[row];
        for (size_t c = 0; c < columns; c++) dx[c] = inverse * (dx[c] - mean - normalized[c] * along);
    }
}

KERNEL void training_gru(float *restrict gates, const float *restrict from_state, const float *restrict state_bias,
                         const float *restrict previous, float *restrict state_new, float *restrict h, size_t width) {
    float *z = gates + width, *n = gates + 2 * width;
    for (size_t i = 0; i < width; i++) {
        float reset = sigmoid(gates[i] + from_state[i] + state_bias[i]);
        float update = sigmoid(z[i] + from_state[width + i] + state_bias[width + i]);
        float new = from_state[2 * width + i] + state_bias[2 * width + i];
        float candidate = hyperbolic_tangent(n[i] + reset * new);
        gates[i] = reset;
        z[i] = update;
        n[i] = candidate;
        state_new[i] = new;
        h[i] = (1 - update) * candidate + update * previous[i];
    }
}

KERNEL void training_gru_gradient(float *restrict gates, const float *restrict state_new,
                                  const float *restrict previous, float *restrict dh, float *restrict d_from_state,
                                  size_t width) {
    float *z = gates + width, *n = gates + 2 * width;
    for (size_t i = 0; i < width; i++) {
        float reset = gates[i], update = z[i], candidate = n[i];
        float d_new = dh[i] * (1 - update) * (1 - candidate * candidate);
        float d_update = dh[i] * (previous[i] - candidate) * update * (1 - update);
        float d_reset = d_new * state_new[i] * reset * (1 - reset);
        gates[i] = d_from_state[i] = d_reset;
        z[i] = d_from_state[width + i] = d_update;
        n[i] = d_new;
        d_from_state[2 * width + i] = d_new * reset;
        dh[i] *= update;
    }
}

KERNEL void training_lstm(float *restrict gates, const float *restrict from_state, const float *restrict previous_cell,
                          float *restrict cell, float *restrict h, size_t width) {
    float *f = gates + width, *g = gates + 2 * width, *o = gates + 3 * width;
    for (size_t k = 0; k < width; k++) {
        float input = sigmoid(gates[k] + from_state[k]);
        float forget = sigmoid(f[k] + from_state[width + k]);
        float new = hyperbolic_tangent(g[k] + from_state[2 * width + k]);
        float out = sigmoid(o[k] + from_state[3 * width + k]);
        gates[k] = input;
        f[k] = forget;
        g[k] = new;
        o[k] = out;
        cell[k] = forget * previous_cell[k] + input * new;
        h[k] = out * hyperbolic_tangent(cell[k]);
    }
}

KERNEL void training_lstm_gradient(float *restrict gates, const float *restrict previous_cell,
                                   const float *restrict cell, const float *restrict dh, float *restrict d_cell,
                                   size_t width) {
    float *f = gates + width, *g = gates + 2 * width, *o = gates + 3 * width;
    for (size_t k = 0; k < width; k++) {
        float input = gates[k], forget = f[k], new = g[k], out = o[k];
        float said = hyperbolic_tangent(cell[k]);
        float d = d_cell[k] + dh[k] * out * (1 - said * said);
        gates[k] = d * new * input * (1 - input);
        f[k] = d * previous_cell[k] * forget * (1 - forget);
        g[k] = d * input * (1 - new * new);
        o[k] = dh[k] * said * out * (1 - out);
        d_cell[k] = d * forget;
    }
}

KERNEL void training_patches(const float *restrict padded, struct training_patch_shape s, float *restrict patches) {
    for (size_t y = 0; y < s.rows; y++)
        for (size_t x = 0; x < s.columns; x++) {
            const float *corner = padded + y * s.row_step + x * s.column_step;
            for (size_t piece = 0; piece < s.pieces; piece++, corner += s.row_length, patches += s.piece_length)
                for (size_t i = 0; i < s.piece_length; i++) patches[i] = corner[i];
        }
}

KERNEL void training_add_patches(const float *restrict patches, struct training_patch_shape s, float *restrict padded) {
    for (size_t y = 0; y < s.rows; y++)
        for (size_t x = 0; x < s.columns; x++) {
            float *corner = padded + y * s.row_step + x * s.column_step;
            for (size_t piece = 0; piece < s.pieces; piece++, corner += s.row_length, patches += s.piece_length)
                for (size_t i = 0; i < s.piece_length; i++) corner[i] += patches[i];
        }
}

KERNEL void training_adam_step(float *restrict values, const float *restrict gradients, float *restrict mean,
                               float *restrict square, float *restrict average, size_t count,
                               struct training_adam n) {
    for (size_t i = 0; i < count; i++) {
        float g = gradients[i] * n.gradient_scale;
        mean[i] = n.beta1 * mean[i] + (1 - n.beta1) * g;
        square[i] = n.beta2 * square[i] + (1 - n.beta2) * g * g;
        float root = sqrtf(square[i]) * n.root_scale + n.epsilon;
        values[i] = values[i] * n.keep - n.rate * mean[i] / root;
        average[i] = n.average_decay * average[i] + (1 - n.average_decay) * values[i];
    }
}
