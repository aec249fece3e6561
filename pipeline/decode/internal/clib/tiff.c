#include "clib.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

static _Thread_local char message[300];

const char *sohoa_message(void) { return message; }

static void keep(const char *module, const char *format, va_list args) {
	(void)module;
	vsnprintf(message, sizeof message, format, args);
}

static TIFF *open_at(const char *path, int index) {
	message[0] = 0;
	TIFFSetErrorHandler(keep);
	TIFFSetWarningHandler(NULL);
	TIFF *t = TIFFOpen(path, "r");
	if (t && index > 0 && !TIFFSetDirectory(t, (tdir_t)index)) {
		TIFFClose(t);
		return NULL;
	}
	return t;
}

// sohoa_tiff_count gives the number of pages, or most+1 where there are more, or -1.
int sohoa_tiff_count(const char *path, int most) {
	TIFF *t = open_at(path, 0);
	if (!t) return -1;
	int n = 1;
	while (n <= most && TIFFReadDirectory(t)) n++; // libtiff itself refuses loops of directories
	TIFFClose(t);
	return n;
}

int sohoa_tiff_info_of(const char *path, int index, sohoa_tiff_info *info) {
	TIFF *t = open_at(path, index);
	if (!t) return -1;
	memset(info, 0, sizeof *info);
	int ok = TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &info->width) && TIFFGetField(t, TIFFTAG_IMAGELENGTH, &info->height);
	TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &info->bits);
	TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &info->samples);
	TIFFGetFieldDefaulted(t, TIFFTAG_ORIENTATION, &info->orientation);
	TIFFGetFieldDefaulted(t, TIFFTAG_COMPRESSION, &info->compression);
	TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &info->planar);
	if (!TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &info->photometric)) info->photometric = PHOTOMETRIC_MINISWHITE;
	if (TIFFGetField(t, TIFFTAG_XRESOLUTION, &info->xres) && TIFFGetField(t, TIFFTAG_YRESOLUTION, &info->yres))
		TIFFGetFieldDefaulted(t, TIFFTAG_RESOLUTIONUNIT, &info->unit);
	info->tiled = TIFFIsTiled(t);
	TIFFClose(t);
	if (!ok && !message[0]) snprintf(message, sizeof message, "the page has no size");
	return ok ? 0 : -1;
}

// sohoa_tiff_gray reads a page of 1 or 8 bits and one sample, in strips, as bytes 0 (black) to 255 (white). Rows that
// cannot be read stay as they are; it returns how many could not, or -1.
int sohoa_tiff_gray(const char *path, int index, uint8_t *out, size_t stride, const sohoa_tiff_info *info) {
	TIFF *t = open_at(path, index);
	if (!t) return -1;
	tmsize_t size = TIFFScanlineSize(t);
	tmsize_t want = info->bits == 1 ? ((tmsize_t)info->width + 7) / 8 : (tmsize_t)info->width;
	if (size < want) {
		snprintf(message, sizeof message, "a row holds %ld bytes where %ld belong", (long)size, (long)want);
		TIFFClose(t);
		return -1;
	}
	uint8_t *row = malloc((size_t)size);
	if (!row) {
		TIFFClose(t);
		return -1;
	}
	uint8_t flip = info->photometric == PHOTOMETRIC_MINISWHITE ? 0xff : 0;
	int bad = 0;
	for (uint32_t y = 0; y < info->height; y++) {
		if (TIFFReadScanline(t, row, y, 0) < 0) {
			bad++;
			if (bad > 64 && bad > (int)(info->height / 2)) {
				bad = (int)info->height;
				break;
			}
			continue;
		}
		uint8_t *dst = out + y * stride;
		if (info->bits == 1) {
			for (uint32_t x = 0; x < info->width; x++)
				dst[x] = (((row[x >> 3] ^ flip) >> (7 - (x & 7))) & 1) ? 255 : 0;
		} else {
			for (uint32_t x = 0; x < info->width; x++) dst[x] = row[x] ^ flip;
		}
	}
	free(row);
	TIFFClose(t);
	return bad;
}

// sohoa_tiff_rgba reads any page that libtiff can, as it is stored (top left first), in ABGR words: bytes R, G, B, A.
int sohoa_tiff_rgba(const char *path, int index, uint32_t *out, const sohoa_tiff_info *info) {
	TIFF *t = open_at(path, index);
	if (!t) return -1;
	TIFFRGBAImage img;
	char why[1024] = "";
	int ok = TIFFRGBAImageOK(t, why) && TIFFRGBAImageBegin(&img, t, 0, why);
	if (ok) {
		img.req_orientation = img.orientation; // as stored; the caller turns it
		ok = TIFFRGBAImageGet(&img, out, info->width, info->height);
		TIFFRGBAImageEnd(&img);
	}
	if (why[0]) snprintf(message, sizeof message, "%.250s", why);
	TIFFClose(t);
	return ok ? 0 : -1;
}

// A TIFF in memory, as far as writing one strip needs it.
typedef struct {
	uint8_t *data;
	size_t size, room, at;
} memory;

static tmsize_t mem_read(thandle_t h, void *p, tmsize_t n) { (void)h, (void)p, (void)n; return 0; }
static tmsize_t mem_write(thandle_t h, void *p, tmsize_t n) {
	memory *m = h;
	size_t end = m->at + (size_t)n;
	if (end > m->room) {
		size_t room = end * 2;
		uint8_t *grown = realloc(m->data, room);
		if (!grown) return -1;
		m->data = grown;
		m->room = room;
	}
	memcpy(m->data + m->at, p, (size_t)n);
	m->at = end;
	if (end > m->size) m->size = end;
	return n;
}
static toff_t mem_seek(thandle_t h, toff_t off, int whence) {
	memory *m = h;
	size_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m->at : m->size;
	m->at = base + (size_t)off;
	return (toff_t)m->at;
}
static int mem_close(thandle_t h) { (void)h; return 0; }
static toff_t mem_size(thandle_t h) { return ((memory *)h)->size; }

// sohoa_g4_encode packs rows of bits (1 is black, rows padded to bytes) as one strip of CCITT G4.
int sohoa_g4_encode(const uint8_t *packed, uint32_t width, uint32_t height, uint8_t **out, size_t *size) {
	message[0] = 0;
	TIFFSetErrorHandler(keep);
	TIFFSetWarningHandler(NULL);
	memory m = {0};
	TIFF *t = TIFFClientOpen("g4", "w", &m, mem_read, mem_write, mem_seek, mem_close, mem_size, NULL, NULL);
	if (!t) return -1;
	TIFFSetField(t, TIFFTAG_IMAGEWIDTH, width);
	TIFFSetField(t, TIFFTAG_IMAGELENGTH, height);
	TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 1);
	TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 1);
	TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, height);
	TIFFSetField(t, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
	TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
	TIFFSetField(t, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB);
	size_t row = ((size_t)width + 7) / 8;
	int ok = TIFFWriteEncodedStrip(t, 0, (void *)packed, (tmsize_t)(row * height)) >= 0 && TIFFFlush(t);
	uint64_t *offsets = NULL, *counts = NULL;
	ok = ok && TIFFGetField(t, TIFFTAG_STRIPOFFSETS, &offsets) && TIFFGetField(t, TIFFTAG_STRIPBYTECOUNTS, &counts);
	if (ok && offsets[0] + counts[0] <= m.size) {
		*size = (size_t)counts[0];
		*out = malloc(*size ? *size : 1);
		if (*out) memcpy(*out, m.data + offsets[0], *size);
		ok = *out != NULL;
	} else {
		ok = 0;
	}
	TIFFClose(t);
	free(m.data);
	return ok ? 0 : -1;
}

void sohoa_free(void *p) { free(p); }
