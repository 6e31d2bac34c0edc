#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_error(png_structp png, png_const_charp text) {
  cpng_image *image = png_get_error_ptr(png);
  snprintf(image->message, sizeof image->message, "%s", text);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static int fail(cpng_image *image, const char *text) {
  snprintf(image->message, sizeof image->message, "%s", text);
  return 1;
}

// Reads the header and, when `samples` is given, the pixels, whose size must be that of `image`.
static int read_file(const char *path, cpng_image *image, uint16_t *samples) {
  FILE *file = fopen(path, "rb");
  if (!file) return fail(image, "cannot be opened");
  png_byte signature[8];
  if (fread(signature, 1, 8, file) != 8 || png_sig_cmp(signature, 0, 8)) {
    fclose(file);
    return fail(image, "no PNG signature");
  }
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  // Both outlive the longjmp that may come back here.
  png_bytep volatile pixels = NULL;
  png_bytepp volatile rows = NULL;
  int result = 1;
  if (info && !setjmp(png_jmpbuf(png))) {
    png_init_io(png, file);
    png_set_sig_bytes(png, 8);
    png_read_info(png, info);
    png_set_expand(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    uint32_t width = png_get_image_width(png, info), height = png_get_image_height(png, info);
    int channels = png_get_channels(png, info), depth = png_get_bit_depth(png, info);
    if (samples) {
      size_t stride = png_get_rowbytes(png, info);
      pixels = malloc(stride * height);
      rows = malloc(sizeof(png_bytep) * height);
      if (!pixels || !rows) png_error(png, "not enough memory");
      if (width != image->width || height != image->height || channels != image->channels || depth != image->depth)
        png_error(png, "the file changed while it was read");
      for (uint32_t y = 0; y < height; y++) rows[y] = pixels + y * stride;
      png_read_image(png, rows);
      png_read_end(png, NULL);
      size_t count = (size_t)width * channels;
      for (uint32_t y = 0; y < height; y++)
        for (size_t x = 0; x < count; x++)
          samples[y * count + x] = depth == 16 ? (uint16_t)(rows[y][2 * x] << 8 | rows[y][2 * x + 1]) : rows[y][x];
    }
    image->width = width;
    image->height = height;
    image->channels = channels;
    image->depth = depth;
    result = 0;
  }
  free(pixels);
  free(rows);
  png_destroy_read_struct(&png, &info, NULL);
  fclose(file);
  return result;
}

int cpng_read_header(const char *path, cpng_image *image) { return read_file(path, image, NULL); }

int cpng_read_samples(const char *path, cpng_image *image, uint16_t *samples) { return read_file(path, image,
                      samples); }  int cpng_write(const char *path, cpng_image *image, const uint16_t *samples) {
  static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
      PNG_COLOR_TYPE_RGB_ALPHA};
  FILE *file = fopen(path, "wb");
  if (!file) return fail(image, "cannot be created");
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, image, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  size_t count = (size_t)image->width * image->channels;
  png_bytep row = malloc(2 * count);
  int result = 1;
  if (info && row && !setjmp(png_jmpbuf(png))) {
    png_init_io(png, file);
    png_set_IHDR(png, info, image->width, image->height, image->depth, types[image->channels - 1], PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < image->height; y++) {
      for (size_t x = 0; x < count; x++) {
        uint16_t sample = samples[y * count + x];
        if (image->depth == 16) {
          row[2 * x] = (png_byte)(sample >> 8);
          row[2 * x + 1] = (png_byte)(sample & 0xff);
        } else {
          row[x] = (png_byte)sample;
        }
      }
      png_write_row(png, row);
    }
    png_write_end(png, info);
    result = 0;
  }
  free(row);
  png_destroy_write_struct(&png, &info);
  if (fclose(file) != 0 && result == 0) result = fail(image, "cannot be written (is the disk full?)");
  return result;
}

uint32_t cpng_version(void) { return png_access_version_number(); }
