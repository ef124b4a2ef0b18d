// SPDX-License-Identifier: Apache-2.0
// Inner loops of the network layers. Sizes are in floats; no buffer may overlap another unless it says "in place".
#pragma once
#include <stddef.h>

#define KERNEL_PANEL_ROWS 64
#define KERNEL_VECTOR_ROWS 16

/// y[rows] = W x[columns] + bias. `kernel_pack_matrix` packs `packed` and `bias`.
void kernel_matrix_vector(const float *packed, const float *bias, const float *x, float *y, size_t rows, size_t columns);

/// Y[count, rows] = X[count, columns] W^T + bias, each weight read once for four rows of X.
void kernel_matrix_rows(const float *packed, const float *bias, const float *x, float *y,
                        size_t count, size_t rows, size_t columns);

/// Number of floats in the packed form of a [rows, columns] matrix.
size_t kernel_packed_count(size_t rows, size_t columns);

/// Rearranges row-major [rows, columns] into panels: 64 adjacent rows, column after column, so that one load reads the
/// weights of 16 outputs and no sum across a register is needed.
void kernel_pack_matrix(const float *row_major, float *packed, size_t rows, size_t columns);

float kernel_dot(const float *a, const float *b, size_t count);

/// y += scale * x
void kernel_add_scaled(float scale, const float *x, float *y, size_t count);

/// y[c] = bias[c] + sum over taps of weights[tap, c] * x[tap, c]
void kernel_depthwise(const float *weights, const float *bias, const float *x, float *y, size_t taps, size_t channels);

/// y = (x - mean) * scale, elementwise, clamped to -limit...limit (NaN becomes -limit); y may be x.
void kernel_normalize(const float *x, const float *mean, const float *scale, float limit, float *y, size_t count);

/// y = (x - mean(x)) / sqrt(variance(x) + epsilon) * gain + shift; y may be x.
void kernel_layer_norm(const float *x, const float *gain, const float *shift, float epsilon, float *y, size_t count);

/// h = (1 - z) n + z h with the gates of a GRU in PyTorch's order; both inputs are [3, count].
void kernel_gru_update(const float *from_input, const float *from_state, float *h, size_t count);

// Activations, in place. Absolute error below 1e-6; NaN stays NaN.
void kernel_relu(float *x, size_t count);
void kernel_gelu(float *x, size_t count);
void kernel_sigmoid(float *x, size_t count);
void kernel_tanh(float *x, size_t count);
void kernel_exp(float *x, size_t count);

/// e^x and 1 / (1 + e^-x) of one value, the same functions as above.
float kernel_exp_of(float x);
float kernel_sigmoid_of(float x);
