// SPDX-License-Identifier: Apache-2.0
#include "CProcess.h"

#include <malloc.h>
#include <sys/prctl.h>

int process_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

void process_keep_memory_flat(void) {
    mallopt(M_ARENA_MAX, 1);
    // glibc raises this threshold when the first large block is freed, unless it is set explicitly.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

void process_give_back_memory(void) { malloc_trim(0); }
