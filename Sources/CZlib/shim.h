// inflateInit2 is a macro that passes the size of z_stream; Swift cannot see it.
#ifndef OTLAB_CZLIB_SHIM_H
#define OTLAB_CZLIB_SHIM_H
#include <zlib.h>

static inline int otlab_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
// As in zip archives: without any header.
static inline int otlab_inflate_init_raw(z_stream *stream) { return inflateInit2(stream, -15); }
#endif
