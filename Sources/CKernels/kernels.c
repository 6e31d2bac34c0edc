#include "CKernels.h"
#include "exponential.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

const char *ck_simd_path(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
#endif
  return "baseline";
}

CLONES void ck_exp(const double *restrict x, double *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) y[i] = exp_inline(x[i]);
}

CLONES void ck_gibbs_row(double f, const double *restrict g, const double *restrict cost, double inverse_epsilon,
                         double *restrict out, size_t n) {
  for (size_t j = 0; j < n; j++) out[j] = exp_inline((f + g[j] - cost[j]) * inverse_epsilon);
}

CLONES void ck_gibbs_row_single(double f, const double *restrict g, const double *restrict cost, double inverse_epsilon,
                                float *restrict out, size_t n) {
  for (size_t j = 0; j < n; j++) {
    double value = exp_inline((f + g[j] - cost[j]) * inverse_epsilon);
    out[j] = value < 1e-37 ? 0.0f : (float)value;
  }
}

CLONES double ck_gibbs_row_sum(double f, const double *restrict g, const double *restrict cost, double inverse_epsilon,
                               double *restrict terms, size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) {
    double term = exp_inline((f + g[j] - cost[j]) * inverse_epsilon);
    terms[j] = term;
    sum += term;
  }
  return sum;
}

CLONES double ck_log_sum_exp_row(const double *restrict g, const double *restrict cost, double inverse_epsilon,
    size_t n) {
#pragma clang fp reassociate(on)
  double largest = -INFINITY;
  for (size_t j = 0; j < n; j++) {
    double value = g[j] - cost[j];
    largest = value > largest ? value : largest;
  }
  if (!(largest > -INFINITY)) return -INFINITY;
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += exp_inline((g[j] - cost[j] - largest) * inverse_epsilon);
  return largest * inverse_epsilon + log(sum);
}

CLONES double ck_log_sum_exp_column(const double *restrict f, const double *restrict cost, size_t stride,
                                    double inverse_epsilon, size_t n) {
  double largest = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    double value = f[i] - cost[i * stride];
    largest = value > largest ? value : largest;
  }
  if (!(largest > -INFINITY)) return -INFINITY;
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += exp_inline((f[i] - cost[i * stride] - largest) * inverse_epsilon);
  return largest * inverse_epsilon + log(sum);
}

CLONES void ck_log_sum_exp_axis(const double *restrict cost, size_t n, double inverse_epsilon,
                                const double *restrict x, size_t inner, double *restrict largest,
                                double *restrict out) {
  for (size_t i = 0; i < n; i++) {
    double *restrict row = out + i * inner;
    for (size_t k = 0; k < inner; k++) {
      largest[k] = -INFINITY;
      row[k] = 0;
    }
    for (size_t j = 0; j < n; j++) {
      double shift = cost[i * n + j] * inverse_epsilon;
      for (size_t k = 0; k < inner; k++) {
        double value = x[j * inner + k] - shift;
        largest[k] = value > largest[k] ? value : largest[k];
      }
    }
    // If all terms are 0, the largest exponent is -inf, and so is the result.
    for (size_t j = 0; j < n; j++) {
      double shift = cost[i * n + j] * inverse_epsilon;
      for (size_t k = 0; k < inner; k++) {
        double base = largest[k] > -INFINITY ? largest[k] : 0.0;
        row[k] += exp_inline(x[j * inner + k] - shift - base);
      }
    }
    for (size_t k = 0; k < inner; k++) row[k] = largest[k] > -INFINITY ? largest[k] + log(row[k]) : -INFINITY;
  }
}

CLONES void ck_axpy(double alpha, const double *restrict x, double *restrict y, size_t n) {
  for (size_t j = 0; j < n; j++) y[j] += alpha * x[j];
}

CLONES double ck_dot(const double *restrict x, const double *restrict y, size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += x[j] * y[j];
  return sum;
}

// The scaling for a row sum; see ck_scaling_pass.
INLINE double scaling_of(double a, double sum, double exponent, double rest) {
  if (!(a > 0)) return 0.0;
  if (exponent == 1.0) return a / sum;
  return exp_inline(exponent * (log(a) - log(sum)) - (1 - exponent) * rest);
}

// The pass for either precision of K; sums are double in both. Two rows at a time halve the traffic to v and the
// column sums.
#define SCALING_PASS(NAME, ELEMENT)                                                                          \
  CLONES void NAME(const ELEMENT *restrict kernel, size_t rows, size_t columns, const double *restrict a,    \
                   const double *restrict rest, double exponent, const double *restrict v,                   \
                   double *restrict u, double *restrict sums) {                                              \
    _Pragma("clang fp reassociate(on)") size_t i = 0;                                                        \
    for (; i + 1 < rows; i += 2) {                                                                           \
      const ELEMENT *restrict first = kernel + i * columns;                                                  \
      const ELEMENT *restrict second = first + columns;                                                      \
      double s0 = 0, s1 = 0;                                                                                 \
      for (size_t j = 0; j < columns; j++) {                                                                 \
        s0 += first[j] * v[j];                                                                               \
        s1 += second[j] * v[j];                                                                              \
      }                                                                                                      \
      double u0 = scaling_of(a[i], s0, exponent, rest[i]);                                                   \
      double u1 = scaling_of(a[i + 1], s1, exponent, rest[i + 1]);                                           \
      u[i] = u0;                                                                                             \
      u[i + 1] = u1;                                                                                         \
      for (size_t j = 0; j < columns; j++) sums[j] += u0 * first[j] + u1 * second[j];                        \
    }                                                                                                        \
    if (i < rows) {                                                                                          \
      const ELEMENT *restrict row = kernel + i * columns;                                                    \
      double s = 0;                                                                                          \
      for (size_t j = 0; j < columns; j++) s += row[j] * v[j];                                               \
      double scale = scaling_of(a[i], s, exponent, rest[i]);                                                 \
      u[i] = scale;                                                                                          \
      for (size_t j = 0; j < columns; j++) sums[j] += scale * row[j];                                        \
    }                                                                                                        \
  }

SCALING_PASS(ck_scaling_pass, double)
SCALING_PASS(ck_scaling_pass_single, float)

CLONES double ck_scaled_row(double u, const double *restrict kernel, const double *restrict v, double *restrict plan,
    size_t n) {
#pragma clang fp reassociate(on)
  double change = 0;
  for (size_t j = 0; j < n; j++) {
    double value = u * kernel[j] * v[j];
    double difference = value - plan[j];
    plan[j] = value;
    change += difference * difference;
  }
  return change;
}

CLONES double ck_squared_dot(const double *restrict x, const double *restrict y, size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += x[j] * x[j] * y[j];
  return sum;
}

CLONES void ck_quadratic_row(double x, const double *restrict y, const double *restrict product, double *restrict out,
    size_t n) {
  for (size_t j = 0; j < n; j++) out[j] = x + y[j] - 2 * product[j];
}

CLONES void ck_blend(double alpha, double beta, const double *restrict x, double *restrict y, size_t n) {
  for (size_t j = 0; j < n; j++) y[j] = alpha * y[j] + beta * x[j];
}

CLONES void ck_squared_distance_row(const double *restrict point, const double *restrict coordinates,
                                    size_t dimensions, double *restrict out, size_t n) {
  for (size_t j = 0; j < n; j++) out[j] = 0;
  for (size_t k = 0; k < dimensions; k++) {
    const double *restrict axis = coordinates + k * n;
    double x = point[k];
    for (size_t j = 0; j < n; j++) {
      double difference = x - axis[j];
      out[j] += difference * difference;
    }
  }
}

CLONES void ck_sqrt(double *x, size_t n) {
  for (size_t j = 0; j < n; j++) x[j] = __builtin_sqrt(x[j]);
}

CLONES double ck_absolute_change(const double *restrict x, const double *restrict y, size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += fabs(x[j] - y[j]);
  return sum;
}

CLONES double ck_change_single(const double *restrict x, double *restrict previous, float *restrict change, size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) {
    double difference = x[j] - previous[j];
    previous[j] = x[j];
    change[j] = (float)difference;
    sum += fabs(difference);
  }
  return sum;
}

CLONES void ck_add_single(float alpha, const float *restrict x, double *restrict y, size_t n) {
  for (size_t j = 0; j < n; j++) y[j] += alpha * x[j];
}

// Splits a positive normal x = 2^e m with m in [sqrt(1/2), sqrt(2)); returns s = (m-1)/(m+1), so that log m = 2 atanh
// s.
INLINE double split(double x, double *exponent) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int64_t e = (bits - 0x3fe6a09e667f3bcdLL) >> 52;
  int64_t mantissa = bits - (int64_t)((uint64_t)e << 52);
  double m;
  memcpy(&m, &mantissa, sizeof m);
  *exponent = (double)e;
  return (m - 1) / (m + 1);
}

// log(x) for positive normal x by a series of degree 13, with an error of 1e-11.
INLINE double approximate_log(double x) {
  double e;
  double s = split(x, &e);
  double q = s * s;
  double series = 1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11 + q * (1.0 / 13))))));
  return e * 0x1.62e42fefa39efp-1 + 2 * s * series;
}

CLONES void ck_log(const double *restrict x, double *restrict y, size_t n) {
  for (size_t i = 0; i < n; i++) {
    // Subnormal numbers are scaled into the normal range first.
    double lift = x[i] < 0x1p-1022 ? 0x1p54 : 1.0;
    double e;
    double s = split(x[i] * lift, &e);
    double q = s * s;
    double tail = 1.0 / 17 + q * (1.0 / 19 + q * (1.0 / 21 + q * (1.0 / 23)));
    double series = q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11 + q * (1.0 / 13
        + q * (1.0 / 15 + q * tail)))))));
    double exponent = e - (lift == 1.0 ? 0.0 : 54.0);
    double result = exponent * 0x1.62e42fefa3800p-1 + (2 * s + (2 * s * series + exponent * 0x1.ef35793c76730p-45));
    result = x[i] == 0 ? -(double)INFINITY : result;
    y[i] = x[i] > 1.7976931348623157e308 ? (double)INFINITY : result;
  }
}

CLONES void ck_extrapolate(const double *restrict x, const double *restrict old, double beta, double *restrict y,
    size_t n) {
  for (size_t j = 0; j < n; j++) {
    double ratio = x[j] > 0 ? x[j] / old[j] : 1.0;
    y[j] = x[j] * exp_inline(beta * approximate_log(ratio));
  }
}

CLONES double ck_minimum_difference(const double *row, const double *potential, long n, double bound, long *index) {
#pragma clang fp reassociate(on)
  // 32 running minima hide the latency of one; the position of the smallest is searched only if it is needed.
  double best[32];
  for (int k = 0; k < 32; k++) best[k] = INFINITY;
  long j = 0;
  for (; j + 32 <= n; j += 32) {
    for (int k = 0; k < 32; k++) {
      double value = row[j + k] - potential[j + k];
      best[k] = value < best[k] ? value : best[k];
    }
  }
  double least = INFINITY;
  for (int k = 0; k < 32; k++) least = best[k] < least ? best[k] : least;
  for (; j < n; j++) {
    double value = row[j] - potential[j];
    least = value < least ? value : least;
  }
  *index = -1;
  if (!(least < bound)) return least;
  for (j = 0; j + 16 <= n; j += 16) {
    int found = 0;
    for (int k = 0; k < 16; k++) found |= row[j + k] - potential[j + k] == least;
    if (found) break;
  }
  while (row[j] - potential[j] != least) j++;
  *index = j;
  return least;
}

INLINE int is_doubtful(double cost, double potential, double bound) {
  return cost - potential - 0x1p-50 * (fabs(cost) + fabs(potential)) < bound;
}

CLONES long ck_next_doubtful(const double *row, const double *potential, double f, long n, long from) {
  double bound = f + 0x1p-50 * fabs(f);
  long j = from;
  while (j < n) {
    for (; j + 32 <= n; j += 32) {
      int found = 0;
      for (int k = 0; k < 32; k++) found |= is_doubtful(row[j + k], potential[j + k], bound);
      if (found) break;
    }
    long end = j + 32 < n ? j + 32 : n;
    for (; j < end; j++) {
      if (is_doubtful(row[j], potential[j], bound)) return j;
    }
  }
  return n;
}

CLONES double ck_shifted_squared_dot(const double *restrict x, double shift, const double *restrict y, size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += (x[j] - shift) * (x[j] - shift) * y[j];
  return sum;
}

CLONES double ck_guttman_row(const double *restrict d, double *restrict squares, double *ratios, size_t n) {
#pragma clang fp reassociate(on)
  double stress = 0, sum = 0;
  for (size_t j = 0; j < n; j++) {
    double length = sqrt(squares[j]);
    double gap = length - d[j];
    double ratio = length > 0 ? d[j] / length : 0;
    stress += gap * gap;
    sum += ratio;
    squares[j] = ratio;
  }
  *ratios = sum;
  return stress;
}

CLONES double ck_largest(const double *restrict x, size_t n) {
  double largest = 0;
  for (size_t j = 0; j < n; j++) largest = x[j] > largest ? x[j] : largest;
  return largest;
}

CLONES void ck_min_plus(const double *a, size_t a_stride, const double *b, size_t b_stride, double *c, size_t c_stride,
                        size_t rows, size_t inner, size_t columns) {
  for (size_t i = 0; i < rows; i++) {
    double *out = c + i * c_stride;
    size_t k = 0;
    for (; k + 4 <= inner; k += 4) {
      const double x0 = a[i * a_stride + k], x1 = a[i * a_stride + k + 1], x2 = a[i * a_stride + k + 2],
          x3 = a[i * a_stride + k + 3];
      const double *b0 = b + k * b_stride, *b1 = b0 + b_stride, *b2 = b1 + b_stride, *b3 = b2 + b_stride;
      for (size_t j = 0; j < columns; j++) {
        const double s0 = x0 + b0[j], s1 = x1 + b1[j], s2 = x2 + b2[j], s3 = x3 + b3[j];
        const double t = s0 < s1 ? s0 : s1, u = s2 < s3 ? s2 : s3, v = t < u ? t : u;
        out[j] = v < out[j] ? v : out[j];
      }
    }
    for (; k < inner; k++) {
      const double x = a[i * a_stride + k];
      for (size_t j = 0; j < columns; j++) {
        const double s = x + b[k * b_stride + j];
        out[j] = s < out[j] ? s : out[j];
      }
    }
  }
}

CLONES void ck_relax_through(double *d, size_t stride, size_t n) {
  for (size_t k = 0; k < n; k++) {
    const double *through = d + k * stride;
    for (size_t i = 0; i < n; i++) {
      const double x = d[i * stride + k];
      double *out = d + i * stride;
      for (size_t j = 0; j < n; j++) {
        const double s = x + through[j];
        out[j] = s < out[j] ? s : out[j];
      }
    }
  }
}

CLONES float ck_squared_dot_single(const float *restrict x, const float *restrict y, size_t n) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (size_t j = 0; j < n; j++) sum += x[j] * x[j] * y[j];
  return sum;
}

CLONES float ck_quadratic_row_single(float x, const float *restrict y, float factor, float *restrict cost,
                                     const float *restrict plan, size_t n) {
#pragma clang fp reassociate(on)
  float sum = 0;
  for (size_t j = 0; j < n; j++) {
    cost[j] = x + y[j] + factor * cost[j];
    sum += cost[j] * plan[j];
  }
  return sum;
}

CLONES void ck_axpy_single(float alpha, const float *restrict x, float *restrict y, size_t n) {
  for (size_t j = 0; j < n; j++) y[j] += alpha * x[j];
}
