// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <alsa/asoundlib.h>

/// What libasound would print on standard error, which belongs to the program. Errors arrive as codes anyway.
static void undertone_alsa_swallow(const char *file, int line, const char *function, int code,
                                   const char *format, ...) {
    (void)file, (void)line, (void)function, (void)code, (void)format;
}

/// Stops libasound from printing. (In C, since Swift has no pointers to functions with variable arguments.)
static inline void undertone_alsa_silence(void) { snd_lib_error_set_handler(undertone_alsa_swallow); }
