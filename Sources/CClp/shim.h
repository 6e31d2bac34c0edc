#ifndef OTLAB_CCLP_SHIM_H
#define OTLAB_CCLP_SHIM_H
#include <coin/Clp_C_Interface.h>
#endif
