// SPDX-License-Identifier: Apache-2.0
// Low-pass to half the rate, and correlation with earlier samples.
#include "feature_kernels.h"
#include "kernel.h"
#include <math.h>

// Number of outputs whose sums stay in registers.
#define BLOCK 64
// Maximum number of taps.
#define MOST_TAPS 64

KERNEL void features_halve(const float *samples, const float *taps, int tapCount, int count, float *out) {
  for (int from = 0; from < count; from += BLOCK) {
    int outputs = count - from < BLOCK ? count - from : BLOCK;
    // Even and odd samples are separated, so that each tap reads adjacent memory.
    float even[BLOCK + MOST_TAPS / 2] = {0}, odd[BLOCK + MOST_TAPS / 2] = {0}, sums[BLOCK] = {0};
    const float *block = samples + 2 * from;
    int pairs = outputs - 1 + tapCount / 2;
    for (int i = 0; i < pairs; i++) {
      even[i] = block[2 * i];
      odd[i] = block[2 * i + 1];
    }
    if (tapCount % 2) even[pairs] = block[2 * pairs];
    for (int k = 0; k < tapCount; k++) {
      const float *line = (k % 2 ? odd : even) + k / 2;
      for (int i = 0; i < BLOCK; i++) sums[i] += taps[k] * line[i];
    }
    for (int i = 0; i < outputs; i++) out[from + i] = sums[i];
  }
}

KERNEL void features_centre(float *values, int count) {
  float sums[16] = {0}, sum = 0;
  int i = 0;
  for (; i + 16 <= count; i += 16)
    for (int lane = 0; lane < 16; lane++) sums[lane] += values[i + lane];
  for (; i < count; i++) sum += values[i];
  for (int lane = 0; lane < 16; lane++) sum += sums[lane];
  float mean = sum / (float)count;
  for (i = 0; i < count; i++) values[i] -= mean;
}

static inline __attribute__((always_inline)) double energy_of(const float *values, int count) {
  double sums[8] = {0}, sum = 0;
  int i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; lane++) sums[lane] += (double)values[i + lane] * values[i + lane];
  for (; i < count; i++) sum += (double)values[i] * values[i];
  for (int lane = 0; lane < 8; lane++) sum += sums[lane];
  return sum;
}

KERNEL void features_correlate(const float *end, int window, int firstLag, int lagCount, double ballast, float *out) {
  const float *newest = end - window;
  double energy = energy_of(newest, window);
  double pastEnergy = energy_of(newest - firstLag, window);
  for (int from = 0; from < lagCount; from += FEATURES_LAG_GROUP) {
    // The sums of a group stay in registers; they run from the longest lag to the shortest, which is memory order.
    float sums[FEATURES_LAG_GROUP] = {0};
    int first = firstLag + from;
    const float *past = newest - first - (FEATURES_LAG_GROUP - 1);
    for (int n = 0; n < window; n++) {
      float x = newest[n];
      for (int i = 0; i < FEATURES_LAG_GROUP; i++) sums[i] += x * past[n + i];
    }
    // Energy of the lagged segment: one sample enters, one leaves. In double, so that a loud past leaves no rounding error.
    double energies[FEATURES_LAG_GROUP];
    for (int i = 0; i < FEATURES_LAG_GROUP; i++) {
      energies[i] = pastEnergy;
      double enters = newest[-first - i - 1], leaves = newest[window - first - i - 1];
      pastEnergy += enters * enters - leaves * leaves;
    }
    for (int i = 0; i < FEATURES_LAG_GROUP; i++) {
      double product = energy * (energies[i] > 0 ? energies[i] : 0) + ballast;
      out[from + i] = sums[FEATURES_LAG_GROUP - 1 - i] / (float)sqrt(product);
    }
  }
}
