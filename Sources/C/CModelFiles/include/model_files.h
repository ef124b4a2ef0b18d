// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Writes the SHA-256 (FIPS 180-4) of `count` bytes to the 32 bytes of `digest`.
void model_files_sha256(const uint8_t *bytes, size_t count, uint8_t *digest);

// A glibc function that <stdio.h> declares only under _GNU_SOURCE; Swift's Glibc module is built without it.
int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);
