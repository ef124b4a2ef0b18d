// SPDX-License-Identifier: Apache-2.0
// Inner loops of training in single precision. Rows are row-major; `count`, `rows` and `columns` are in floats.
// No buffer may overlap another unless it says "in place". The plain Swift loops that they must match are in
// Sources/Research/Training/TrainingScalar.swift.
#pragma once
#include <stddef.h>

/// values += addend
void training_add(float *values, const float *addend, size_t count);
/// values *= factor
void training_multiply(float *values, const float *factor, size_t count);
/// values += a b
void training_multiply_add(float *values, const float *a, const float *b, size_t count);
/// Each row of values += bias[columns]
void training_add_bias(float *values, const float *bias, size_t rows, size_t columns);
/// sums[columns] += the sum over rows
void training_sum_rows(float *sums, const float *values, size_t rows, size_t columns);

/// values = max(values, 0)
void training_relu(float *values, size_t count);
/// gradient = 0 where output is 0
void training_relu_gradient(float *gradient, const float *output, size_t count);
/// out = gelu(values)
void training_gelu(const float *values, float *out, size_t count);
/// gradient *= gelu'(values)
void training_gelu_gradient(float *gradient, const float *values, size_t count);

/// normalized = (x - mean) / deviation for each row, output = normalized weight + bias.
void training_layer_norm(const float *x, const float *weight, const float *bias, float *normalized,
                         float *inverse_deviations, float *output, size_t rows, size_t columns, float epsilon);
/// Writes dx, adds to d_weight and d_bias.
void training_layer_norm_gradient(const float *dy, const float *weight, const float *normalized,
                                  const float *inverse_deviations, float *d_weight, float *d_bias, float *dx,
                                  size_t rows, size_t columns);

/// One frame of a GRU for one sequence, gates in PyTorch's order r, z, n.
/// `gates` [3, width] contains the input's contribution, then r, z, n, in place; `from_state` [3, width] is W h;
/// `previous` is the previous h or NULL for zeros; `state_new` receives W_n h + b_n.
void training_gru(float *gates, const float *from_state, const float *state_bias, const float *previous,
                  float *state_new, float *h, size_t width);
/// Gradient of `training_gru`. `dh` becomes the part that bypasses the gates to the previous frame; `gates` (r, z, n)
/// become the gradients of the input's contribution, `d_from_state` those of W h + b.
void training_gru_gradient(float *gates, const float *state_new, const float *previous, float *dh,
                           float *d_from_state, size_t width);

/// One frame of an LSTM for one sequence, gates in PyTorch's order i, f, g, o.
/// `gates` [4, width] contains the contribution of input and biases, then i, f, g, o, in place; `from_state` is W h.
void training_lstm(float *gates, const float *from_state, const float *previous_cell, float *cell, float *h,
                   size_t width);
/// Gradient of `training_lstm`: `gates` become the gradients of the four sums, `d_cell` that of the previous cell.
void training_lstm_gradient(float *gates, const float *previous_cell, const float *cell, const float *dh,
                            float *d_cell, size_t width);

/// Position of the patches in a padded image; lengths and steps in floats.
struct training_patch_shape {
    size_t rows, columns, pieces, piece_length, row_length, row_step, column_step;
};
/// Copies the patches [rows, columns, pieces, piece_length] out of one padded image.
void training_patches(const float *padded, struct training_patch_shape shape, float *patches);
/// Adds each number of the patches to its place in the image.
void training_add_patches(const float *patches, struct training_patch_shape shape, float *padded);

/// The parameters of one AdamW step.
struct training_adam {
    float gradient_scale, keep, beta1, beta2, rate, root_scale, epsilon, average_decay;
};
/// Performs one AdamW step, and updates the running average of the weights.
void training_adam_step(float *values, const float *gradients, float *mean, float *square, float *average, size_t count,
                        struct training_adam numbers);
