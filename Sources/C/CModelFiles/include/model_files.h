// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The SHA-256 (FIPS 180-4) of `count` bytes: 32 bytes into `digest`.
void model_files_sha256(const uint8_t *bytes, size_t count, uint8_t *digest);

// glibc's, which <stdio.h> shows under _GNU_SOURCE only, and Swift's Glibc module is built without that.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);
