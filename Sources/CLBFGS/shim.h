#ifndef OTLAB_CLBFGS_SHIM_H
#define OTLAB_CLBFGS_SHIM_H
#include <lbfgs.h>
#endif
