#include "CHDF5Filters.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

// A chunk has less than 4 GiB by the format.
static const size_t largest_chunk = 0xffffffff;

// LZF (Lehmann): a byte below 32 is followed by one more literal than it says; another holds three bits of length (7: a
// byte more) and, with the byte after, how far back what is repeated begins. 0 when the input is damaged, `capacity` +
// 1 when there is more content than that.
static size_t inflate_lzf(const unsigned char *in, size_t size, unsigned char *out, size_t capacity) {
  const unsigned char *end = in + size;
  size_t count = 0;
  while (in < end) {
    size_t control = *in++;
    if (control < 32) {
      size_t literals = control + 1;
      if (literals > (size_t)(end - in)) return 0;
      if (literals > capacity - count) return capacity + 1;
      memcpy(out + count, in, literals);
      in += literals;
      count += literals;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) {
      if (in == end) return 0;
      length += *in++;
    }
    length += 2;
    if (in == end) return 0;
    size_t back = ((control & 31) << 8 | *in++) + 1;
    if (back > count) return 0;
    if (length > capacity - count) return capacity + 1;
    // Byte by byte: what is repeated may reach into itself.
    for (size_t k = 0; k < length; k++, count++) out[count] = out[count - back];
  }
  return count;
}

// The third value is the size of a chunk; files of other writers may not have it.
static size_t filter(unsigned flags, size_t count, const unsigned values[], size_t size, size_t *capacity,
    void **buffer) {
  if (!(flags & H5Z_FLAG_REVERSE)) return 0;
  size_t room = count > 2 && values[2] ? values[2] : *capacity;
  for (; room <= largest_chunk; room *= 2) {
    unsigned char *content = malloc(room ? room : 1);
    size_t got = content ? inflate_lzf(*buffer, size, content, room) : 0;
    if (got > room) {
      free(content);
      if (!room) room = 1;
      continue;
    }
    if (!got) {
      free(content);
      return 0;
    }
    free(*buffer);
    *buffer = content;
    *capacity = room;
    return got;
  }
  return 0;
}

int otlab_h5_register_lzf(void) {
  static const H5Z_class2_t lzf = {
      .version = H5Z_CLASS_T_VERS, .id = 32000, .encoder_present = 0, .decoder_present = 1, .name = "lzf",
          .filter = filter};
  return H5Zregister(&lzf);
}
