// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

/// Loads OpenBLAS once, with kernels that this CPU supports. Returns NULL, or an error message.
const char *undertone_blas_load(void);
/// Name of the loaded kernels, such as "SkylakeX"; "" before loading.
const char *undertone_blas_core(void);

void undertone_sgemm(bool trans_a, bool trans_b, int m, int n, int k, float alpha, const float *a, int lda,
                     const float *b, int ldb, float beta, float *c, int ldc);
void undertone_dgemm(bool trans_a, bool trans_b, int m, int n, int k, double alpha, const double *a, int lda,
                     const double *b, int ldb, double beta, double *c, int ldc);
