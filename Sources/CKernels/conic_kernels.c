#include "CKernels.h"
#include "exponential.h"

#include <math.h>
#include <string.h>

// cos z on [0, pi] as -sin(z - pi/2), by the Taylor series of degree 19 (error 3e-16).
INLINE double cosine_inline(double z) {
  double x = 0x1.921fb54442d18p+0 - z, y = x * x;
  double p = -1 / 121645100408832000.0;
  p = p * y + 1 / 355687428096000.0;
  p = p * y - 1 / 1307674368000.0;
  p = p * y + 1 / 6227020800.0;
  p = p * y - 1 / 39916800.0;
  p = p * y + 1 / 362880.0;
  p = p * y - 1 / 5040.0;
  p = p * y + 1 / 120.0;
  p = p * y - 1 / 6.0;
  return x + x * y * p;
}

CLONES void ck_gaussian_values(double a, const double *restrict b, double inverse, double *restrict out, size_t n) {
  for (size_t j = 0; j < n; j++) {
    double z = (a - b[j]) * inverse;
    out[j] = exp_inline(-0.5 * z * z);
  }
}

CLONES double ck_gaussian_sum(double a, const double *restrict b, double inverse, const double *restrict s, size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) {
    double z = (a - b[j]) * inverse;
    sum += s[j] * exp_inline(-0.5 * z * z);
  }
  return sum;
}

CLONES double ck_cosine_sum(double a, const double *restrict b, double inverse, double cap, const double *restrict s,
    size_t n) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (size_t j = 0; j < n; j++) {
    double z = fabs(a - b[j]) * inverse;
    z = z > cap ? cap : z;
    sum += s[j] * cosine_inline(z);
  }
  return sum;
}

CLONES double ck_clamp(double *restrict x, size_t n) {
#pragma clang fp reassociate(on)
  double largest = 0;
  for (size_t j = 0; j < n; j++) {
    double value = x[j] > 0 ? x[j] : 0;
    x[j] = value;
    largest = value > largest ? value : largest;
  }
  return largest;
}

// Subnormal entries are flushed to zero: they never matter again, and would slow every later sweep. A row distributes
// exactly the terms of its sum: computed twice in different orders they could underflow differently, and distribute
// more mass than there is.
CLONES void ck_semi_sweep(const double *restrict m, double inverse_largest, double *restrict second,
                          const double *restrict scale, const double *restrict mass, size_t rows, size_t columns,
                          double *restrict first, double *restrict column_sums) {
  for (size_t i = 0; i < rows; i++) {
    const double *restrict weight = m + i * columns;
    double *restrict p1 = second + i * columns;
    for (size_t j = 0; j < columns; j++) {
      double w = weight[j] * inverse_largest;
      double term = w * w * (p1[j] * scale[j]);
      p1[j] = term < 1e-300 ? 0 : term;
    }
    double sum = 0;
    {
#pragma clang fp reassociate(on)
      for (size_t j = 0; j < columns; j++) sum += p1[j];
    }
    double factor = sum < 1e-280 ? 0 : mass[i] / sum;
    if (first) {
      double *restrict p0 = first + i * columns;
      for (size_t j = 0; j < columns; j++) {
        double w = weight[j] * inverse_largest;
        double own = factor * p1[j];
        own = own < 1e-300 ? 0 : own;
        double answer = w * w * own;
        answer = answer < 1e-300 ? 0 : answer;
        p0[j] = own;
        p1[j] = answer;
        column_sums[j] += answer;
      }
    } else {
      for (size_t j = 0; j < columns; j++) {
        double w = weight[j] * inverse_largest;
        double answer = w * w * (factor * p1[j]);
        answer = answer < 1e-300 ? 0 : answer;
        p1[j] = answer;
        column_sums[j] += answer;
      }
    }
  }
}

// With p1 = (m inverse_largest)^2 p0 scale, sqrt(p0 p1) takes no square root per entry.
CLONES double ck_semi_finish(const double *restrict m, double inverse_largest, const double *restrict first,
                             double *restrict second, const double *restrict scale, const double *restrict root_scale,
                             double *restrict root, size_t rows, size_t columns) {
#pragma clang fp reassociate(on)
  double paired = 0;
  for (size_t i = 0; i < rows; i++) {
    const double *restrict weight = m + i * columns, *restrict p0 = first + i * columns;
    double *restrict p1 = second + i * columns, *restrict out = root + i * columns;
    for (size_t j = 0; j < columns; j++) {
      double s = p0[j] * (weight[j] * inverse_largest) * root_scale[j];
      p1[j] *= scale[j];
      out[j] = s;
      paired += weight[j] * s;
    }
  }
  return paired;
}

enum { BLOCK = 8 };

CLONES void ck_adjacency_rows(const int32_t *a_starts, const int32_t *a_ends, const int32_t *b_starts,
                              const int32_t *b_ends, const double *restrict s, size_t s_columns,
                              const double *row_terms, const double *restrict column_terms, double constant,
                              double factor, double *restrict line, double *restrict block, double *restrict out,
                              size_t rows, size_t columns) {
  memset(block, 0, s_columns * BLOCK * sizeof *block);
  for (size_t row = 0; row < rows; row++) {
    memset(line, 0, s_columns * sizeof *line);
    for (int32_t place = a_starts[row]; place < a_starts[row + 1]; place++) {
      const double *restrict own = s + (size_t)a_ends[place] * s_columns;
      for (size_t l = 0; l < s_columns; l++) line[l] += own[l];
    }
    for (size_t l = 0; l < s_columns; l++) block[l * BLOCK + row] = line[l];
  }
  // Eight rows at a time as columns of a tile, so that a neighbor in the second graph is one vector; then transposed,
  // eight columns at a time.
  double tile[BLOCK * BLOCK];
  for (size_t start = 0; start < columns; start += BLOCK) {
    size_t width = columns - start < BLOCK ? columns - start : BLOCK;
    for (size_t j = 0; j < width; j++) {
      double sum[BLOCK] = {0};
      for (int32_t place = b_starts[start + j]; place < b_starts[start + j + 1]; place++) {
        const double *restrict own = block + (size_t)b_ends[place] * BLOCK;
        for (size_t row = 0; row < BLOCK; row++) sum[row] += own[row];
      }
      for (size_t row = 0; row < BLOCK; row++) tile[j * BLOCK + row] = sum[row];
    }
    for (size_t row = 0; row < rows; row++) {
      double *restrict line_out = out + row * columns + start;
      double shift = constant - factor * row_terms[row];
      for (size_t j = 0; j < width; j++) line_out[j] = shift - factor * (column_terms[start
          + j] - 2 * tile[j * BLOCK + row]);
    }
  }
}
