// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <alsa/asoundlib.h>

/// Discards libasound's messages, which would go to the program's standard error. Errors are also returned as codes.
static void undertone_alsa_swallow(const char *file, int line, const char *function, int code,
                                   const char *format, ...) {
    (void)file, (void)line, (void)function, (void)code, (void)format;
}

/// Stops libasound from printing. In C, because Swift has no pointers to variadic functions.
static inline void undertone_alsa_silence(void) { snd_lib_error_set_handler(undertone_alsa_swallow); }
