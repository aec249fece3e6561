#include "clib.h"

#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

int sohoa_jpeg_info(const uint8_t *data, size_t size, int *width, int *height, int *subsampling, int *colorspace) {
	tjhandle h = tjInitDecompress();
	if (!h) return -1;
	int err = tjDecompressHeader3(h, data, size, width, height, subsampling, colorspace);
	tjDestroy(h);
	return err;
}

// sohoa_jpeg_decode decodes, scaled to width×height as tjGetScalingFactors allows. What a cut or damaged file still holds
// comes with *warned set.
int sohoa_jpeg_decode(const uint8_t *data, size_t size, uint8_t *out, int width, int pitch, int height, int format, int *warned) {
	tjhandle h = tjInitDecompress();
	if (!h) return -1;
	int err = tjDecompress2(h, data, size, out, width, pitch, height, format, TJFLAG_LIMITSCANS);
	*warned = err != 0 && tjGetErrorCode(h) == TJERR_WARNING;
	if (*warned) err = 0;
	tjDestroy(h);
	return err;
}

int sohoa_jpeg_encode(const uint8_t *pixels, int width, int pitch, int height, int format, int subsampling, int quality,
	uint8_t **out, size_t *size) {
	tjhandle h = tjInitCompress();
	if (!h) return -1;
	unsigned char *buf = NULL;
	unsigned long n = 0;
	int err = tjCompress2(h, pixels, width, pitch, height, format, &buf, &n, subsampling, quality, 0);
	tjDestroy(h);
	if (err == 0) {
		*out = malloc(n ? n : 1);
		if (*out) {
			memcpy(*out, buf, n);
			*size = n;
		} else {
			err = -1;
		}
	}
	if (buf) tjFree(buf);
	return err;
}
