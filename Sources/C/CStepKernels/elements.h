// SPDX-License-Identifier: Apache-2.0
// Functions of one float that vectorise inside a loop; used by inference and training.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

/// Sums in 16 independent lanes, because strict floating point may not reorder a single running sum.
#define LANES 16

INLINE float sum_of_lanes(const float *lanes) {
    float sum = 0;
    for (int i = 0; i < LANES; i++) sum += lanes[i];
    return sum;
}

INLINE float lane_dot(const float *a, const float *b, size_t count) {
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += a[i + l] * b[i + l];
    for (size_t l = 0; i < count; i++, l++) lanes[l] += a[i] * b[i];
    return sum_of_lanes(lanes);
}

INLINE float lane_sum(const float *a, size_t count) {
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lanes[l] += a[i + l];
    for (size_t l = 0; i < count; i++, l++) lanes[l] += a[i];
    return sum_of_lanes(lanes);
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

/// The normal distribution function; erf after Abramowitz and Stegun 7.1.26, |error| < 1.5e-7.
INLINE float normal_distribution(float x) {
    float z = fabsf(x) * 0.70710678118654752f;
    float t = 1 / (1 + 0.3275911f * z);
    float p = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
    return 0.5f * (1 + copysignf(1 - p * exponential(-z * z), x));
}

INLINE float gelu(float x) { return x * normal_distribution(x); }
