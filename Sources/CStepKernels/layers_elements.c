// SPDX-License-Identifier: Apache-2.0
// Elementwise work of the layers. Written so that the compiler vectorises each loop for each CPU generation.
#include "layer_kernels.h"
#include "kernel.h"
#include <math.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

/// Sums over 16 independent lanes, because strict floating point may not reorder one running sum.
#define LANES 16

INLINE float sum_of_lanes(const float *lanes) {
    float sum = 0;
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

KERNEL float kernel_dot(const float *a, const float *b, size_t count) {
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += a[i + l] * b[i + l];
    for (size_t l = 0; i < count; i++, l++) lanes[l] += a[i] * b[i];
    return sum_of_lanes(lanes);
}

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
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += x[i + l];
    for (size_t l = 0; i < count; i++, l++) lanes[l] += x[i];
    float mean = sum_of_lanes(lanes) / (float)count;
    // A second pass over centred values: the difference of two large squares would lose the small variance.
    float squares[LANES] = {0};
    for (i = 0; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) squares[l] += (x[i + l] - mean) * (x[i + l] - mean);
    for (size_t l = 0; i < count; i++, l++) squares[l] += (x[i] - mean) * (x[i] - mean);
    float scale = 1 / sqrtf(sum_of_lanes(squares) / (float)count + epsilon);
    for (i = 0; i < count; i++) y[i] = (x[i] - mean) * scale * gain[i] + shift[i];
}

/// e^x by range reduction to |r| <= ln(2)/2 and a polynomial (coefficients of Cephes expf, S. L. Moshier).
/// Relative error below 2e-7 for -87 <= x <= 88, constant beyond.
INLINE float exponential(float x) {
    float limited = x > -87.0f ? x : -87.0f;  // NaN becomes -87 here, so that the conversion below is defined
    limited = limited < 88.0f ? limited : 88.0f;
    float scaled = limited * 1.44269504088896341f;
    int32_t power = (int32_t)(scaled + (scaled >= 0 ? 0.5f : -0.5f));
    float r = limited - (float)power * 0.693359375f + (float)power * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1;
    union { int32_t bits; float value; } two_to_power = {(power + 127) << 23};
    float result = p * two_to_power.value;
    return x == x ? result : x;
}

INLINE float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

INLINE float hyperbolic_tangent(float x) {
    float e = exponential(-2 * fabsf(x));
    return copysignf((1 - e) / (1 + e), x);
}

/// x times the normal distribution function; erf after Abramowitz and Stegun 7.1.26, |error| < 1.5e-7.
INLINE float gelu(float x) {
    float z = fabsf(x) * 0.70710678118654752f;
    float t = 1 / (1 + 0.3275911f * z);
    float p = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
    float erf = copysignf(1 - p * exponential(-z * z), x);
    return 0.5f * x * (1 + erf);
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
