// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>
#include <sha256.h>

// glibc's, which <stdio.h> shows under _GNU_SOURCE only, and Swift's Glibc module is built without that.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);
