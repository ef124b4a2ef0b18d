// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks a function that is compiled once for each generation of x86-64 and chosen when the program loads, so that one
/// binary runs on all of them. On other architectures only the baseline is compiled.
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define KERNEL
#endif
#endif
#ifndef KERNEL
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
#else
#define KERNEL
#endif
