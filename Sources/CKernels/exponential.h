// Shared by all kernels: the choice of instruction sets at load time, and exponentials that vectorize.
#ifndef OTLAB_EXPONENTIAL_H
#define OTLAB_EXPONENTIAL_H
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
// The resolver of a clone runs before the thread sanitizer is initialized, which it would call; then only one version
// is built.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLONES
#endif
#endif
#ifndef CLONES
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

// exp(x) = 2^k exp(r) with k = round(x / ln 2), |r| <= ln(2)/2, and a Chebyshev fit of degree 11 in r (error 3e-18).
// It has no branches, so that loops over it vectorize. Adding 1.5 * 2^52 rounds to an integer held in the low
// mantissa bits.
INLINE double exp_inline(double x) {
  const double shift = 0x1.8p52;
  double bounded = x < -708.0 ? -708.0 : x;
  bounded = bounded > 709.0 ? 709.0 : bounded;
  double shifted = bounded * 0x1.71547652b82fep+0 + shift;
  double k = shifted - shift;
  double r = bounded - k * 0x1.62e42fefa3800p-1;
  r = r - k * 0x1.ef35793c76730p-45;
  double p = 0x1.af632a0f7e2cep-26;
  p = p * r + 0x1.28b4101c77212p-22;
  p = p * r + 0x1.71ddf56d8deb5p-19;
  p = p * r + 0x1.a01991a10d9aep-16;
  p = p * r + 0x1.a01a01b1461c5p-13;
  p = p * r + 0x1.6c16c1880029fp-10;
  p = p * r + 0x1.111111110f21ep-7;
  p = p * r + 0x1.555555554f0bap-5;
  p = p * r + 0x1.555555555555ap-3;
  p = p * r + 0x1.0000000000011p-1;
  p = p * r + 0x1.0000000000000p+0;
  p = p * r + 0x1.0000000000000p+0;
  int64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  int64_t exponent = (int64_t)((uint64_t)bits << 52) + 0x3ff0000000000000LL;
  double scale;
  memcpy(&scale, &exponent, sizeof scale);
  double result = p * scale;
  result = x < -708.0 ? 0.0 : result;
  return x > 709.0 ? (double)INFINITY : result;
}

// exp(x) in single precision by a polynomial of degree 6: relative error below 3e-7 max(1, |x|), 0 below -87, +inf
// above 88.
INLINE float exp_single(float x) {
  const float shift = 0x1.8p23f;
  float bounded = x < -87.0f ? -87.0f : x;
  bounded = bounded > 88.0f ? 88.0f : bounded;
  float shifted = bounded * 0x1.715476p+0f + shift;
  float k = shifted - shift;
  float r = bounded - k * 0x1.62e400p-1f;
  r = r - k * 0x1.7f7d1cp-20f;
  float p = 0x1.6c16c2p-10f;
  p = p * r + 0x1.111112p-7f;
  p = p * r + 0x1.555556p-5f;
  p = p * r + 0x1.555556p-3f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  int32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  int32_t exponent = (int32_t)((uint32_t)bits << 23) + 0x3f800000;
  float scale;
  memcpy(&scale, &exponent, sizeof scale);
  float result = p * scale;
  result = x < -87.0f ? 0.0f : result;
  return x > 88.0f ? (float)INFINITY : result;
}

#endif
