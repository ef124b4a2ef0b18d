// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// Heap allocations (malloc, calloc, realloc) made by the calling thread since it started.
uint64_t allocation_count(void);

/// False under a sanitizer, which brings an allocator of its own.
bool allocation_counter_works(void);
