#ifndef OTLAB_CGLPK_SHIM_H
#define OTLAB_CGLPK_SHIM_H
#include <glpk.h>
#endif
