#ifndef OTLAB_CCRYPTO_SHIM_H
#define OTLAB_CCRYPTO_SHIM_H
#include <openssl/evp.h>
#endif
