// CBLAS from OpenBLAS; of LAPACK only the Fortran symbols that Debian's OpenBLAS carries inside.
#ifndef OTLAB_COPENBLAS_SHIM_H
#define OTLAB_COPENBLAS_SHIM_H
#include <cblas.h>

void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);
#endif
