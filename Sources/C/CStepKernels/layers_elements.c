// SPDX-License-Identifier: Apache-2.0
// Elementwise loops of the layers, written so that the compiler vectorises each for each CPU generation.
#include "layer_kernels.h"
#include "elements.h"
#include "kernel.h"

KERNEL float kernel_dot(const float *a, const float *b, size_t count) { return lane_dot(a, b, count); }

KERNEL void kernel_add_scaled(float scale, const float *x, float *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += scale * x[i];
}

KERNEL void kernel_depthwise(const float *weights, const float *bias, const float *x, float *y,
                             size_t taps, size_t channels) {
    for (size_t c = 0; c < channels; c++) y[c] = bias[c];
    for (size_t tap = 0; tap < taps; tap++)
        for (size_t c = 0; c < channels; c++) y[c] += weights[tap * channels + c] * x[tap * channels + c];
}

KERNEL void kernel_normalize(const float *x, const float *mean, const float *scale, float limit,
                             float *y, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float value = (x[i] - mean[i]) * scale[i];
        value = value > -limit ? value : -limit;
        y[i] = value < limit ? value : limit;
    }
}

KERNEL void kernel_layer_norm(const float *x, const float *gain, const float *shift, float epsilon,
                              float *y, size_t count) {
    float mean = lane_sum(x, count) / (float)count;
    // A second pass over centred values: the difference of two large squares would lose a small variance.
    float squares[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) squares[l] += (x[i + l] - mean) * (x[i + l] - mean);
    for (size_t l = 0; i < count; i++, l++) squares[l] += (x[i] - mean) * (x[i] - mean);
    float scale = 1 / sqrtf(sum_of_lanes(squares) / (float)count + epsilon);
    for (i = 0; i < count; i++) y[i] = (x[i] - mean) * scale * gain[i] + shift[i];
}

KERNEL void kernel_relu(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = x[i] < 0 ? 0 : x[i];
}

KERNEL void kernel_gelu(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = gelu(x[i]);
}

KERNEL void kernel_sigmoid(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = sigmoid(x[i]);
}

KERNEL void kernel_tanh(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = hyperbolic_tangent(x[i]);
}

KERNEL void kernel_exp(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = exponential(x[i]);
}

float kernel_exp_of(float x) { return exponential(x); }

float kernel_sigmoid_of(float x) { return sigmoid(x); }

KERNEL void kernel_gru_update(const float *from_input, const float *from_state, float *h, size_t count) {
    const float *input_new = from_input + 2 * count, *state_new = from_state + 2 * count;
    for (size_t i = 0; i < count; i++) {
        float reset = sigmoid(from_input[i] + from_state[i]);
        float update = sigmoid(from_input[count + i] + from_state[count + i]);
        float candidate = hyperbolic_tangent(input_new[i] + reset * state_new[i]);
        h[i] = (1 - update) * candidate + update * h[i];
    }
}
