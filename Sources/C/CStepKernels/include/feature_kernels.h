// SPDX-License-Identifier: Apache-2.0
// Kernels of the feature path: windowing, transform, filter bank, correlation. None allocates.
#pragma once

/// Length of the real transform; no other length is supported.
#define FEATURES_FFT_LENGTH 512
/// Number of power bins: the Nyquist bin is left out, since no mel band uses it.
#define FEATURES_BIN_COUNT 256
/// Number of lags in a group.
#define FEATURES_LAG_GROUP 64

/// Copies samples; NaN becomes 0, and values outside -limit...limit are clamped.
void features_sanitise(const float *samples, int count, float limit, float *out);

/// Filters samples in place with second-order sections in series (transposed direct form II).
/// `coefficients` has b0, b1, b2, a1, a2 of each section; `state` has two values of each, kept from call to call.
void features_sections(float *samples, int count, const double *coefficients, double *state, int sections);

/// Removes the mean, pre-emphasises, windows and zero-pads one frame of at most FEATURES_FFT_LENGTH samples.
void features_window(const float *samples, const float *window, int count, float preemphasis, float *out);

/// |DFT|^2 of FEATURES_FFT_LENGTH real values, bins 0..<FEATURES_BIN_COUNT.
/// `twiddles` is the table that features_twiddles wrote.
void features_power(const float *in, const float *twiddles, float *power);
/// Number of floats in the table of features_power.
int features_twiddle_count(void);
/// Fills the table.
void features_twiddles(float *table);

/// Sums of triangles. Band b covers bins first[b]..<first[b] + length[b]; its weights follow those of band b - 1.
void features_bands(const float *power, const int *first, const int *length, const float *weights, int count,
                    float *out);

/// values[i] = ln(max(values[i], floor)); floor must be a normal positive number.
void features_log(float *values, int count, float floor);

/// Every second output of a symmetric filter: out[i] = sum over k of taps[k] samples[2 i + k].
/// Reads 2 (count - 1) + tapCount samples; at most 64 taps.
void features_halve(const float *samples, const float *taps, int tapCount, int count, float *out);

/// Subtracts the mean.
void features_centre(float *values, int count);

/// Normalised correlation of the newest `window` values before `end` with earlier ones, one value for each lag in
/// firstLag..<firstLag + lagCount: sum x[n] x[n - lag] / sqrt(sum x[n]^2 sum x[n - lag]^2 + ballast).
/// lagCount is a multiple of FEATURES_LAG_GROUP. Reads window + firstLag + lagCount values.
void features_correlate(const float *end, int window, int firstLag, int lagCount, double ballast, float *out);
