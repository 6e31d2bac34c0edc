#include "CHDF5Filters.h"

#include <hdf5.h>
#include <stdlib.h>
#include <zstd.h>

// A chunk has less than 4 GiB by the format, and a header that promises more is damaged.
static const unsigned long long largest_chunk = 0xffffffffULL;

// Where the frame says how long its content is.
static size_t inflate_whole(const void *stored, size_t stored_size, unsigned long long size, void **content) {
  if (size > largest_chunk || !(*content = malloc(size ? size : 1))) return 0;
  size_t got = ZSTD_decompress(*content, size, stored, stored_size);
  return ZSTD_isError(got) || got != size ? 0 : got;
}

// Where it doesn't, as frames of a stream: into memory that grows.
static size_t inflate_stream(const void *stored, size_t stored_size, void **content) {
  ZSTD_DStream *stream = ZSTD_createDStream();
  if (!stream) return 0;
  ZSTD_inBuffer in = {stored, stored_size, 0};
  size_t capacity = 1 << 16;
  ZSTD_outBuffer out = {malloc(capacity), capacity, 0};
  size_t rest = 1;
  while (out.dst && rest != 0 && !ZSTD_isError(rest)) {
    if (out.pos == out.size) {
      capacity *= 2;
      void *larger = capacity <= largest_chunk ? realloc(out.dst, capacity) : NULL;
      if (!larger) break;
      out.dst = larger;
      out.size = capacity;
    }
    size_t before = in.pos + out.pos;
    rest = ZSTD_decompressStream(stream, &out, &in);
    // Nothing went in or out: the frame is cut short.
    if (in.pos + out.pos == before && out.pos < out.size) break;
  }
  ZSTD_freeDStream(stream);
  *content = out.dst;
  return rest == 0 ? out.pos : 0;
}

static size_t filter(unsigned flags, size_t count, const unsigned values[], size_t size, size_t *capacity,
    void **buffer) {
  (void)count;
  (void)values;
  if (!(flags & H5Z_FLAG_REVERSE)) return 0;
  void *content = NULL;
  unsigned long long promised = ZSTD_getFrameContentSize(*buffer, size);
  size_t got = promised == ZSTD_CONTENTSIZE_ERROR ? 0
               : promised == ZSTD_CONTENTSIZE_UNKNOWN ? inflate_stream(*buffer, size, &content)
                                                      : inflate_whole(*buffer, size, promised, &content);
  if (got == 0) {
    free(content);
    return 0;
  }
  free(*buffer);
  *buffer = content;
  *capacity = got;
  return got;
}

int otlab_h5_register_zstd(void) {
  static const H5Z_class2_t zstd = {
      .version = H5Z_CLASS_T_VERS, .id = 32015, .encoder_present = 0, .decoder_present = 1, .name = "zstd",
          .filter = filter};
  return H5Zregister(&zstd);
}
