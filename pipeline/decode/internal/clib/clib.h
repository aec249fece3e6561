// What decode and facsimile need of libtiff and libjpeg-turbo. Every function returns 0 on success and keeps its last
// message in a thread-local buffer that sohoa_message gives.
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint32_t width, height;
	uint16_t bits, samples, photometric, orientation, compression, planar, unit;
	float xres, yres;
	int tiled;
} sohoa_tiff_info;

const char *sohoa_message(void);

int sohoa_tiff_count(const char *path, int most);
int sohoa_tiff_info_of(const char *path, int index, sohoa_tiff_info *info);
int sohoa_tiff_gray(const char *path, int index, uint8_t *out, size_t stride, const sohoa_tiff_info *info);
int sohoa_tiff_rgba(const char *path, int index, uint32_t *out, const sohoa_tiff_info *info);
int sohoa_g4_encode(const uint8_t *packed, uint32_t width, uint32_t height, uint8_t **out, size_t *size);

int sohoa_jpeg_info(const uint8_t *data, size_t size, int *width, int *height, int *subsampling, int *colorspace);
int sohoa_jpeg_decode(const uint8_t *data, size_t size, uint8_t *out, int width, int pitch, int height, int format, int *warned);
int sohoa_jpeg_encode(const uint8_t *pixels, int width, int pitch, int height, int format, int subsampling, int quality,
	uint8_t **out, size_t *size);
void sohoa_free(void *p);
