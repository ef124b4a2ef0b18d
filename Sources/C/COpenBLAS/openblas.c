// SPDX-License-Identifier: Apache-2.0
// OpenBLAS 0.3.21 (Debian 12) treats an unknown CPU as a Prescott and runs five times slower. It reads OPENBLAS_CORETYPE
// when it is loaded, so this code first sets that variable from the features of the CPU, then loads the library with
// dlopen. A value that the user set is kept.
#include "COpenBLAS.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };

static void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
static void (*dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *,
                     int);
static char *(*corename)(void);
static const char *problem;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *core_of_this_cpu(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
    return NULL;  // OpenBLAS recognises older and other CPUs
}

static void load(void) {
    const char *core = core_of_this_cpu();
    if (core) setenv("OPENBLAS_CORETYPE", core, 0);
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        problem = "OpenBLAS is not installed: the library libopenblas.so.0 cannot be loaded; on Debian, install the "
                  "package libopenblas0";
        return;
    }
    *(void **)&sgemm = dlsym(library, "cblas_sgemm");
    *(void **)&dgemm = dlsym(library, "cblas_dgemm");
    *(void **)&corename = dlsym(library, "openblas_get_corename");
    if (!sgemm || !dgemm || !corename) problem = "libopenblas.so.0 lacks cblas_sgemm, cblas_dgemm or its core name";
}

const char *undertone_blas_load(void) {
    pthread_once(&once, load);
    return problem;
}

const char *undertone_blas_core(void) { return corename ? corename() : ""; }

void undertone_sgemm(bool ta, bool tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                     int ldb, float beta, float *c, int ldc) {
    sgemm(ROW_MAJOR, ta ? TRANSPOSE : NO_TRANSPOSE, tb ? TRANSPOSE : NO_TRANSPOSE, m, n, k, alpha, a, lda, b, ldb, beta,
          c, ldc);
}

void undertone_dgemm(bool ta, bool tb, int m, int n, int k, double alpha, const double *a, int lda, const double *b,
                     int ldb, double beta, double *c, int ldc) {
    dgemm(ROW_MAJOR, ta ? TRANSPOSE : NO_TRANSPOSE, tb ? TRANSPOSE : NO_TRANSPOSE, m, n, k, alpha, a, lda, b, ldb, beta,
          c, ldc);
}
