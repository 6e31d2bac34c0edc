// The only CPU-dependent code: each function is compiled for several instruction sets, and the loader picks one. All
// matrices are row-major. No function allocates memory or checks its arguments.
#ifndef OTLAB_CKERNELS_H
#define OTLAB_CKERNELS_H
#include <stddef.h>
#include <stdint.h>

/// The instruction set that the loader picked: "x86-64-v4", "x86-64-v3", or "baseline".
const char *ck_simd_path(void);

/// y[i] = exp(x[i]), with a relative error below 3e-16; 0 below -708, +inf above 709.
void ck_exp(const double *x, double *y, size_t n);

/// y[i] = log(x[i]) for x[i] >= 0, with an error below 3e-16 max(|log x|, |x - 1|); -inf at 0.
void ck_log(const double *x, double *y, size_t n);

/// out[j] = exp((f + g[j] - cost[j]) / epsilon), one row of a Gibbs kernel.
void ck_gibbs_row(double f, const double *g, const double *cost, double inverse_epsilon, double *out, size_t n);

/// log sum_j exp((g[j] - cost[j]) / epsilon), with the largest term factored out, so that nothing overflows.
double ck_log_sum_exp_row(const double *g, const double *cost, double inverse_epsilon, size_t n);

/// ck_log_sum_exp_row for one column of a matrix with the given row stride.
double ck_log_sum_exp_column(const double *f, const double *cost, size_t stride, double inverse_epsilon, size_t n);

/// out[i, k] = log sum_j exp(x[j, k] - cost[i, j] / epsilon) for an n×n cost and n×inner x: a Gibbs kernel along one
/// axis of a grid, without overflow. largest is scratch memory for inner numbers.
void ck_log_sum_exp_axis(const double *cost, size_t n, double inverse_epsilon, const double *x, size_t inner,
                         double *largest, double *out);

/// Half a pass of log-domain Sinkhorn over one row: terms[j] = exp((f + g[j] - cost[j]) / epsilon); returns their
/// sum.
double ck_gibbs_row_sum(double f, const double *g, const double *cost, double inverse_epsilon, double *terms, size_t n);

/// y[j] += alpha * x[j]
void ck_axpy(double alpha, const double *x, double *y, size_t n);

/// sum_j x[j] * y[j]
double ck_dot(const double *x, const double *y, size_t n);

/// One Sinkhorn pass over rows [0, rows) of K: u_i = (a_i / (K_i . v))^t exp(-(1 - t) rest_i), sums[j] += u_i K_ij,
/// with t = exponent: 1 for a prescribed marginal, where rest is not read, and rho / (rho + epsilon) for a relaxed
/// one. Each row is read from memory once: its product with v and its contribution to the column sums are computed
/// while it is cached. A row with a_i = 0 gets u_i = 0; K_i . v = 0 gives an infinite u_i.
void ck_scaling_pass(const double *kernel, size_t rows, size_t columns, const double *a, const double *rest,
                     double exponent, const double *v, double *u, double *sums);

/// ck_gibbs_row stored in single precision; values below 1e-37 become 0, so that no subnormal numbers slow the
/// passes.
void ck_gibbs_row_single(double f, const double *g, const double *cost, double inverse_epsilon, float *out, size_t n);

/// ck_scaling_pass for a kernel in single precision; all sums are computed in double.
void ck_scaling_pass_single(const float *kernel, size_t rows, size_t columns, const double *a, const double *rest,
                            double exponent, const double *v, double *u, double *sums);

/// change[j] = x[j] - previous[j] in single precision; previous becomes x. Returns sum_j |x[j] - previous[j]|.
double ck_change_single(const double *x, double *previous, float *change, size_t n);

/// y[j] += alpha * x[j]
void ck_add_single(float alpha, const float *x, double *y, size_t n);

/// out[j] = x + y[j] - 2 * product[j]: a row of the quadratic cost from its product term.
void ck_quadratic_row(double x, const double *y, const double *product, double *out, size_t n);

/// y[j] = alpha * y[j] + beta * x[j]
void ck_blend(double alpha, double beta, const double *x, double *y, size_t n);

/// out[j] = sum_k (point[k] - coordinates[k * n + j])^2: the squared distances of one point to n others, which are
/// stored one axis after the other.
void ck_squared_distance_row(const double *point, const double *coordinates, size_t dimensions, double *out, size_t n);

/// x[j] = sqrt(x[j])
void ck_sqrt(double *x, size_t n);

/// Replaces squares[j] = |x - x_j|^2 by d[j]/|x - x_j|, or 0 if the points coincide. Returns sum_j (|x - x_j| -
/// d[j])^2 and, in ratios, the sum of the new values.
double ck_guttman_row(const double *d, double *squares, double *ratios, size_t n);

/// sum_j |x[j] - y[j]|
double ck_absolute_change(const double *x, const double *y, size_t n);

/// plan[j] = u * kernel[j] * v[j]; returns sum_j (new - old)^2.
double ck_scaled_row(double u, const double *kernel, const double *v, double *plan, size_t n);

/// sum_j x[j]^2 * y[j]
double ck_squared_dot(const double *x, const double *y, size_t n);

/// sum_j (x[j] - shift)^2 * y[j]
double ck_shifted_squared_dot(const double *x, double shift, const double *y, size_t n);

/// The largest x[j], or 0 if none is positive.
double ck_largest(const double *x, size_t n);

/// y[j] = x[j] * (x[j] / old[j])^beta: an extrapolation of positive numbers with a relative error of about 1e-9;
/// entries with x[j] = 0 stay 0.
void ck_extrapolate(const double *x, const double *old, double beta, double *y, size_t n);

/// min_j row[j] - potential[j] over n elements; if it is below bound, index becomes the first position of the
/// minimum, otherwise -1.
double ck_minimum_difference(const double *row, const double *potential, long n, double bound, long *index);

/// The first j at or after `from` whose row[j] - potential[j] - f may be negative: it is not positive beyond the
/// rounding of these three numbers, each known to a relative 2^-52. Returns n if there is none; an infinite row[j] or
/// potential[j] counts as positive.
long ck_next_doubtful(const double *row, const double *potential, double f, long n, long from);

/// c[i, j] = min(c[i, j], min_k a[i, k] + b[k, j]), with the given row strides. If c is a or b, updated entries may
/// be read in place of old ones.
void ck_min_plus(const double *a, size_t a_stride, const double *b, size_t b_stride, double *c, size_t c_stride,
                 size_t rows, size_t inner, size_t columns);

/// The Floyd-Warshall iteration on an n×n block: d[i, j] = min(d[i, j], d[i, k] + d[k, j]) for k = 0, 1, ….
void ck_relax_through(double *d, size_t stride, size_t n);

/// y += alpha x.
void ck_axpy_single(float alpha, const float *x, float *y, size_t n);

/// sum_j x[j]^2 y[j].
float ck_squared_dot_single(const float *x, const float *y, size_t n);

/// cost[j] = x + y[j] + factor cost[j]; returns sum_j cost[j] plan[j].
float ck_quadratic_row_single(float x, const float *y, float factor, float *cost, const float *plan, size_t n);

// The kernels of an edge of a tree, rows×columns, for costs, kernels, and plans in either precision. Potentials and
// messages are double and in units of the cost, -inf where a point has no mass.
#define CK_EDGE_KERNELS(REAL, SUFFIX)                                                                                  \
  /* out[i] = epsilon log sum_j exp((g[j] - cost[i, j]) / epsilon), with the largest term taken out: always safe. */   \
  void ck_edge_softmax_rows_##SUFFIX(const REAL *cost, size_t rows, size_t columns, const double *g, double epsilon,   \
      double *out);                                                                                                    \
  /* out[j] = epsilon log sum_i exp((f[i] - cost[i, j]) / epsilon); largest is room for columns numbers. */            \
  void ck_edge_softmax_columns_##SUFFIX(const REAL *cost, size_t rows, size_t columns, const double *f,                \
      double epsilon, double *largest, double *out);                                                                   \
  /* out[i, j] = exp((f[i] + g[j] - cost[i, j]) / epsilon) */                                                          \
  void ck_edge_plan_##SUFFIX(const REAL *cost, size_t rows, size_t columns, const double *f, const double *g,          \
      double epsilon, REAL *out);                                                                                      \
  /* out[i] = sum_j kernel[i, j] x[j] */                                                                               \
  void ck_edge_product_##SUFFIX(const REAL *kernel, size_t rows, size_t columns, const double *x, double *out);        \
  /* out[j] = sum_i kernel[i, j] x[i] */                                                                               \
  void ck_edge_transposed_product_##SUFFIX(const REAL *kernel, size_t rows, size_t columns, const double *x,           \
      double *out);                                                                                                    \
  /* sum_j x[j] y[j] */                                                                                                \
  double ck_edge_dot_##SUFFIX(const REAL *x, const REAL *y, size_t n);                                                 \
  /* max_j x[j] - min_j x[j], n > 0 */                                                                                 \
  double ck_edge_range_##SUFFIX(const REAL *x, size_t n);                                                              \
  /* sum_j |x[j] - y[j]| */                                                                                            \
  double ck_edge_change_##SUFFIX(const REAL *x, const REAL *y, size_t n);                                              \
  void ck_edge_axpy_##SUFFIX(REAL factor, const REAL *x, REAL *y, size_t n);                                           \
  /* cost[j] = kept cost[j] + (1 - kept) new[j], new[j] = weight (x + y[j] - 2 product[j]) + feature_weight            \
     features[j], the last where features is not null; returns sum_j new[j] plan[j]. */                                \
  double ck_edge_cost_row_##SUFFIX(double x, const double *y, const REAL *product, const double *features,             \
      double weight, double feature_weight, double kept, const REAL *plan, REAL *cost, size_t n);                      \
  /* out[j] = distances[j] - shift */                                                                                  \
  void ck_edge_distances_##SUFFIX(const double *distances, double shift, REAL *out, size_t n);

CK_EDGE_KERNELS(double, double)
CK_EDGE_KERNELS(float, single)

// The kernels of conic problems.

/// out[j] = exp(-((a - b[j]) inverse)^2 / 2)
void ck_gaussian_values(double a, const double *b, double inverse, double *out, size_t n);

/// sum_j s[j] exp(-((a - b[j]) inverse)^2 / 2)
double ck_gaussian_sum(double a, const double *b, double inverse, const double *s, size_t n);

/// sum_j s[j] cos(min(|a - b[j]| inverse, cap)), cap at most pi.
double ck_cosine_sum(double a, const double *b, double inverse, double cap, const double *s, size_t n);

/// x[j] = max(x[j], 0); returns the largest.
double ck_clamp(double *x, size_t n);

/// One sweep of two semi-couplings with M fixed and w = (M inverse_largest)^2: with p1 = second diag(scale), p0 is w
/// p1 with rows scaled to the sums mass (0 where these are below 1e-280), and second becomes w p0. Adds the column
/// sums of that to column_sums. p0 is written to first unless first is null.
void ck_semi_sweep(const double *m, double inverse_largest, double *second, const double *scale, const double *mass,
                   size_t rows, size_t columns, double *first, double *column_sums);

/// second, as ck_semi_sweep leaves it, becomes second diag(scale), and root = sqrt(first second), where root_scale
/// holds the square roots of scale; returns sum M root.
double ck_semi_finish(const double *m, double inverse_largest, const double *first, double *second, const double *scale,
                      const double *root_scale, double *root, size_t rows, size_t columns);

/// Up to eight rows of constant - factor (r + c - 2 A S B^T), where r and c are row and column terms. A and B hold 0
/// and 1, given by the columns of the ones of each row, ends[starts[i]] ... ends[starts[i + 1]]. line is scratch
/// memory for one row of S, and block for eight.
void ck_adjacency_rows(const int32_t *a_starts, const int32_t *a_ends, const int32_t *b_starts, const int32_t *b_ends,
                       const double *s, size_t s_columns, const double *row_terms, const double *column_terms,
                       double constant, double factor, double *line, double *block, double *out, size_t rows,
                       size_t columns);

#endif
