// SPDX-License-Identifier: Apache-2.0
// Low-pass to half the rate, and correlation with the past.
#include "feature_kernels.h"
#include "kernel.h"
#include <math.h>

KERNEL void features_halve(const float *samples, const float *taps, int tapCount, int count, float *out) {
  for (int i = 0; i < count; i++) out[i] = 0;
  for (int k = 0; k < tapCount; k++) {
    float tap = taps[k];
    for (int i = 0; i < count; i++) out[i] += tap * samples[2 * i + k];
  }
}

KERNEL void features_centre(float *values, int count) {
  float sum = 0;
  for (int i = 0; i < count; i++) sum += values[i];
  float mean = sum / (float)count;
  for (int i = 0; i < count; i++) values[i] -= mean;
}

KERNEL void features_correlate(const float *end, int window, int firstLag, int lagCount, double ballast, float *out) {
  const float *newest = end - window;
  for (int from = 0; from < lagCount; from += FEATURES_LAG_GROUP) {
    // The sums of a group stay in registers; they run from the longest lag to the shortest, as memory does.
    float sums[FEATURES_LAG_GROUP] = {0};
    const float *past = newest - firstLag - from - (FEATURES_LAG_GROUP - 1);
    for (int n = 0; n < window; n++) {
      float x = newest[n];
      for (int i = 0; i < FEATURES_LAG_GROUP; i++) sums[i] += x * past[n + i];
    }
    for (int i = 0; i < FEATURES_LAG_GROUP; i++) out[from + FEATURES_LAG_GROUP - 1 - i] = sums[i];
  }
  double energy = 0, pastEnergy = 0;
  for (int n = 0; n < window; n++) {
    energy += (double)newest[n] * newest[n];
    pastEnergy += (double)newest[n - firstLag] * newest[n - firstLag];
  }
  // The energy of the lagged stretch: one sample enters, one leaves. In double, so that nothing is left of a loud past.
  for (int i = 0; i < lagCount; i++) {
    out[i] /= (float)sqrt(energy * pastEnergy + ballast);
    double enters = newest[-firstLag - i - 1], leaves = newest[window - firstLag - i - 1];
    pastEnergy += enters * enters - leaves * leaves;
    if (pastEnergy < 0) pastEnergy = 0;
  }
}
