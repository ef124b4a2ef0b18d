// SPDX-License-Identifier: Apache-2.0
// One frame of samples to a power spectrum.
#include "feature_kernels.h"
#include "kernel.h"
#include <math.h>
#include <string.h>

// Sixteen adjacent floats: one register with AVX-512, two with AVX2, four with SSE or NEON.
typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));
#define LANES 16
#define LENGTH (FEATURES_FFT_LENGTH / 2)

// Sixteen floats in memory as lanes. A macro, since passing lanes between functions would fix one register width.
#define AT(address) (*(lanes *)(address))
#define GET(address) (*(const lanes *)(address))

KERNEL void features_sanitise(const float *samples, int count, float limit, float *out) {
  for (int i = 0; i < count; i++) {
    float x = samples[i];
    float below = x < -limit ? -limit : 0;
    float above = x > limit ? limit : x;
    out[i] = x >= -limit ? above : below;
  }
}

KERNEL void features_sections(float *samples, int count, const double *coefficients, double *state, int sections) {
  for (int i = 0; i < count; i++) {
    double x = samples[i];
    for (int section = 0; section < sections; section++) {
      const double *c = coefficients + 5 * section;
      double *z = state + 2 * section;
      // In digital silence the state settles at this value: subnormal numbers are slow, in the state and in the output.
      x += 1e-30;
      double y = c[0] * x + z[0];
      z[0] = c[1] * x - c[3] * y + z[1];
      z[1] = c[2] * x - c[4] * y;
      x = y;
    }
    samples[i] = (float)(x > -1e-30 && x < 1e-30 ? 0 : x);
  }
}

KERNEL void features_window(const float *samples, const float *window, int count, float preemphasis, float *out) {
  lanes sums = {0};
  int i = 0;
  for (; i + LANES <= count; i += LANES) sums += GET(samples + i);
  float sum = 0;
  for (int lane = 0; lane < LANES; lane++) sum += sums[lane];
  for (; i < count; i++) sum += samples[i];
  float mean = sum / (float)count;
  float first = samples[0] - mean;
  out[0] = (first - preemphasis * first) * window[0];
  for (i = 1; i < count; i++)
    out[i] = ((samples[i] - mean) - preemphasis * (samples[i - 1] - mean)) * window[i];
  memset(out + count, 0, (size_t)(FEATURES_FFT_LENGTH - count) * sizeof(float));
}

// The table: cos and -sin of 2 pi row lane / 256 (16 x 16 each), then of 2 pi k / 512 for k in 0..<256.
int features_twiddle_count(void) { return 4 * LENGTH; }

void features_twiddles(float *table) {
  const double turn = 2 * acos(-1.0);
  for (int row = 0; row < 16; row++)
    for (int lane = 0; lane < 16; lane++) {
      table[16 * row + lane] = (float)cos(turn * row * lane / LENGTH);
      table[LENGTH + 16 * row + lane] = (float)-sin(turn * row * lane / LENGTH);
    }
  for (int k = 0; k < LENGTH; k++) {
    table[2 * LENGTH + k] = (float)cos(turn * k / FEATURES_FFT_LENGTH);
    table[3 * LENGTH + k] = (float)-sin(turn * k / FEATURES_FFT_LENGTH);
  }
}

// Four-point transform of elements at, at + step, ... in place.
static inline __attribute__((always_inline)) void dft4(lanes *re, lanes *im, int at, int step) {
  int a = at, b = at + step, c = at + 2 * step, d = at + 3 * step;
  lanes sumRe = re[a] + re[c], sumIm = im[a] + im[c], gapRe = re[a] - re[c], gapIm = im[a] - im[c];
  lanes oddRe = re[b] + re[d], oddIm = im[b] + im[d], sideRe = re[b] - re[d], sideIm = im[b] - im[d];
  re[a] = sumRe + oddRe, im[a] = sumIm + oddIm;
  re[b] = gapRe + sideIm, im[b] = gapIm - sideRe;
  re[c] = sumRe - oddRe, im[c] = sumIm - oddIm;
  re[d] = gapRe - sideIm, im[d] = gapIm + sideRe;
}

// exp(-2 pi i m / 16), m in 0..<10.
static const float cosine16[10] = {1, 0.92387953f, 0.70710678f, 0.38268343f, 0,
                                   -0.38268343f, -0.70710678f, -0.92387953f, -1, -0.92387953f};
static const float sine16[10] = {0, -0.38268343f, -0.70710678f, -0.92387953f, -1,
                                 -0.92387953f, -0.70710678f, -0.38268343f, 0, 0.38268343f};

// Sixteen transforms of sixteen points, one in each lane. Output k is at index 4 (k % 4) + k / 4.
static inline __attribute__((always_inline)) void dft16(lanes *re, lanes *im) {
#pragma unroll
  for (int n = 0; n < 4; n++) {
    dft4(re, im, n, 4);
#pragma unroll
    for (int k = 1; k < 4; k++) {
      int at = n + 4 * k;
      float c = cosine16[n * k], s = sine16[n * k];
      lanes r = re[at] * c - im[at] * s;
      im[at] = re[at] * s + im[at] * c;
      re[at] = r;
    }
  }
#pragma unroll
  for (int k = 0; k < 4; k++) dft4(re, im, 4 * k, 1);
}

#define PLACE(k) (4 * ((k) % 4) + (k) / 4)

// 256-point complex transform as 16 x 16: columns, twiddles, transposition, columns.
// Value n is (in[2 n], in[2 n + 1]); re and im receive the spectrum in natural order.
static inline __attribute__((always_inline)) void dft256(const float *in, const float *twiddles, float *re, float *im) {
  lanes r[16], i[16];
  for (int row = 0; row < 16; row++) {
    lanes low = GET(in + 32 * row), high = GET(in + 32 * row + 16);
    r[row] = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    i[row] = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
  }
  dft16(r, i);
  float turnedRe[LENGTH], turnedIm[LENGTH];
  for (int row = 0; row < 16; row++) {
    lanes c = GET(twiddles + 16 * row), s = GET(twiddles + LENGTH + 16 * row);
    lanes a = r[PLACE(row)], b = i[PLACE(row)];
    lanes x = a * c - b * s, y = a * s + b * c;
    AT(re + 16 * row) = x;
    AT(im + 16 * row) = y;
  }
  for (int row = 0; row < 16; row++)
    for (int lane = 0; lane < 16; lane++) {
      turnedRe[16 * lane + row] = re[16 * row + lane];
      turnedIm[16 * lane + row] = im[16 * row + lane];
    }
  for (int row = 0; row < 16; row++) {
    r[row] = GET(turnedRe + 16 * row);
    i[row] = GET(turnedIm + 16 * row);
  }
  dft16(r, i);
  for (int row = 0; row < 16; row++) {
    AT(re + 16 * row) = r[PLACE(row)];
    AT(im + 16 * row) = i[PLACE(row)];
  }
}

KERNEL void features_power(const float *in, const float *twiddles, float *power) {
  float re[LENGTH + 1], im[LENGTH + 1];
  dft256(in, twiddles, re, im);
  re[LENGTH] = re[0];
  im[LENGTH] = im[0];
  const float *c = twiddles + 2 * LENGTH, *s = twiddles + 3 * LENGTH;
  // Even and odd samples form one complex signal: X[k] = E[k] + w^k O[k], with E and O from Z[k] and conj Z[256 - k].
  for (int k = 0; k < LENGTH; k++) {
    float a = re[k], b = im[k], x = re[LENGTH - k], y = im[LENGTH - k];
    float evenRe = a + x, evenIm = b - y, oddRe = b + y, oddIm = x - a;
    float sumRe = evenRe + oddRe * c[k] - oddIm * s[k];
    float sumIm = evenIm + oddRe * s[k] + oddIm * c[k];
    power[k] = 0.25f * (sumRe * sumRe + sumIm * sumIm);
  }
}

KERNEL void features_bands(const float *power, const int *first, const int *length, const float *weights, int count,
                           float *out) {
  for (int band = 0; band < count; band++) {
    float sum = 0;
    for (int i = 0; i < length[band]; i++) sum += weights[i] * power[first[band] + i];
    weights += length[band];
    out[band] = sum;
  }
}

KERNEL void features_log(float *values, int count, float floor) {
  for (int i = 0; i < count; i++) {
    float x = values[i] > floor ? values[i] : floor;
    int bits;
    memcpy(&bits, &x, sizeof bits);
    // x = 2^exponent (1 + f) with 1 + f in sqrt(1/2)..<sqrt(2); minimax polynomial of Cephes' logf (Moshier 1992).
    int exponent = (bits - 0x3f3504f3) >> 23;
    bits -= (int)((unsigned)exponent << 23);
    float f;
    memcpy(&f, &bits, sizeof f);
    f -= 1;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float square = f * f;
    values[i] = f - 0.5f * square + p * f * square + 0.69314718f * (float)exponent;
  }
}
