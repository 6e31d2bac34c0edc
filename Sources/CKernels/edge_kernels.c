#include "CKernels.h"
#include "exponential.h"

#define NAME(name) name##_double
#define REAL double
#define EXP exp_inline
#include "edge_kernels.inc"
#undef NAME
#undef REAL
#undef EXP

#define NAME(name) name##_single
#define REAL float
#define EXP exp_single
#include "edge_kernels.inc"
