// SPDX-License-Identifier: Apache-2.0
// Matrix times vector and matrix times a few rows, on panels of 64 outputs.
#include "layer_kernels.h"
#include "kernel.h"
#include <stdint.h>
#include <string.h>

// One vector of 16 outputs: a zmm register, two ymm or four xmm, as the CPU has them.
typedef float outputs_t __attribute__((vector_size(4 * KERNEL_VECTOR_ROWS), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

static size_t padded_rows(size_t rows) {
    return (rows + KERNEL_VECTOR_ROWS - 1) / KERNEL_VECTOR_ROWS * KERNEL_VECTOR_ROWS;
}

size_t kernel_packed_count(size_t rows, size_t columns) { return padded_rows(rows) * columns; }

void kernel_pack_matrix(const float *row_major, float *packed, size_t rows, size_t columns) {
    for (size_t first = 0; first < rows; first += KERNEL_PANEL_ROWS) {
        size_t left = padded_rows(rows) - first;
        size_t width = left < KERNEL_PANEL_ROWS ? left : KERNEL_PANEL_ROWS;
        for (size_t column = 0; column < columns; column++)
            for (size_t r = 0; r < width; r++)
                *packed++ = first + r < rows ? row_major[(first + r) * columns + column] : 0;
    }
}

INLINE void store(float *y, const outputs_t *value, size_t count) {
    if (count >= KERNEL_VECTOR_ROWS) *(outputs_t *)y = *value;
    else memcpy(y, value, count * sizeof(float));
}

/// One panel of `vectors` * 16 outputs. Even and odd columns have separate sums, to hide the latency of the FMA.
INLINE void panel_times_vector(const float *w, const float *bias, const float *x, float *y,
                               size_t rows, size_t columns, const int vectors) {
    outputs_t even[4], odd[4];
    for (int v = 0; v < vectors; v++) {
        even[v] = *(const outputs_t *)(bias + v * KERNEL_VECTOR_ROWS);
        odd[v] = (outputs_t){0};
    }
    const outputs_t *weights = (const outputs_t *)w;
    size_t column = 0;
    for (; column + 2 <= columns; column += 2, weights += 2 * vectors)
        for (int v = 0; v < vectors; v++) {
            even[v] += weights[v] * x[column];
            odd[v] += weights[vectors + v] * x[column + 1];
        }
    if (column < columns)
        for (int v = 0; v < vectors; v++) even[v] += weights[v] * x[column];
    for (int v = 0; v < vectors; v++) {
        size_t done = (size_t)v * KERNEL_VECTOR_ROWS;
        even[v] += odd[v];
        store(y + done, &even[v], rows - done);
    }
}

KERNEL void kernel_matrix_vector(const float *w, const float *bias, const float *x, float *y,
                                 size_t rows, size_t columns) {
    size_t row = 0;
    for (; row + KERNEL_PANEL_ROWS <= rows; row += KERNEL_PANEL_ROWS)
        panel_times_vector(w + row * columns, bias + row, x, y + row, KERNEL_PANEL_ROWS, columns, 4);
    size_t left = rows - row;
    w += row * columns, bias += row, y += row;
    if (left > 48) panel_times_vector(w, bias, x, y, left, columns, 4);
    else if (left > 32) panel_times_vector(w, bias, x, y, left, columns, 3);
    else if (left > 16) panel_times_vector(w, bias, x, y, left, columns, 2);
    else if (left > 0) panel_times_vector(w, bias, x, y, left, columns, 1);
}

/// 16 outputs of a panel `width` floats wide, for `count` (at most 4) rows of X.
INLINE void vector_times_rows(const float *w, const float *bias, const float *x, float *y, size_t width,
                              size_t outputs, size_t rows, size_t columns, const int count) {
    outputs_t sums[4];
    for (int t = 0; t < count; t++) sums[t] = *(const outputs_t *)bias;
    for (size_t column = 0; column < columns; column++) {
        outputs_t weights = *(const outputs_t *)(w + column * width);
        for (int t = 0; t < count; t++) sums[t] += weights * x[t * columns + column];
    }
    for (int t = 0; t < count; t++) store(y + t * rows, &sums[t], outputs);
}

KERNEL void kernel_matrix_rows(const float *w, const float *bias, const float *x, float *y,
                               size_t count, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row += KERNEL_VECTOR_ROWS) {
        size_t panel = row / KERNEL_PANEL_ROWS * KERNEL_PANEL_ROWS;
        size_t left = padded_rows(rows) - panel;
        size_t width = left < KERNEL_PANEL_ROWS ? left : KERNEL_PANEL_ROWS;
        const float *weights = w + panel * columns + (row - panel);
        size_t t = 0;
        for (; t + 4 <= count; t += 4)
            vector_times_rows(weights, bias + row, x + t * columns, y + t * rows + row, width, rows - row, rows, columns, 4);
        for (; t < count; t++)
            vector_times_rows(weights, bias + row, x + t * columns, y + t * rows + row, width, rows - row, rows, columns, 1);
    }
}
