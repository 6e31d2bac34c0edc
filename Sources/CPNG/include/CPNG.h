// PNG files through libpng. libpng reports errors by longjmp, which must not cross Swift frames: it stays inside these
// functions.
#ifndef OTLAB_CPNG_H
#define OTLAB_CPNG_H
#include <stdint.h>

typedef struct {
  uint32_t width, height;
  int channels; // 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  int depth;    // bits a sample, 8 or 16; smaller depths and palettes are expanded
  char message[160];
} cpng_image;

/// Reads the header only. 0 on success, else `message` says why.
int cpng_read_header(const char *path, cpng_image *image);

/// Reads width * height * channels samples, row after row, without any gamma or colour conversion, after
/// cpng_read_header.
int cpng_read_samples(const char *path, cpng_image *image, uint16_t *samples);

/// Writes an image; no time stamp, so that equal images give equal bytes.
int cpng_write(const char *path, cpng_image *image, const uint16_t *samples);

/// The version of libpng that is loaded, as major * 10000 + minor * 100 + patch.
uint32_t cpng_version(void);
#endif
