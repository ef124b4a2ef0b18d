// SPDX-License-Identifier: Apache-2.0
// Counts heap allocations per thread by standing in for glibc's malloc, so that a test can claim
// "this step allocates nothing". glibc only; compiled out under sanitizers, which own malloc.
// Aligned allocation calls are not counted.
#include "CAllocationCounter.h"
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(SANITIZED) || !defined(__GLIBC__)
uint64_t allocation_count(void) { return 0; }
bool allocation_counter_works(void) { return false; }
#else
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static _Thread_local uint64_t count __attribute__((tls_model("initial-exec")));

void *malloc(size_t size) { count++; return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count++; return __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { count++; return __libc_realloc(p, size); }

uint64_t allocation_count(void) { return count; }
bool allocation_counter_works(void) { return true; }
#endif
