#include "clib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// A TIFF in memory, as far as writing one strip needs it.
typedef struct {
	uint8_t *data;
	size_t size, room, at;
} memory;

static tmsize_t mem_read(thandle_t h, void *p, tmsize_t n) {
	(void)h, (void)p, (void)n;
	return 0;
}

static tmsize_t mem_write(thandle_t h, void *p, tmsize_t n) {
	memory *m = h;
	size_t end = m->at + (size_t)n;
	if (end > m->room) {
		size_t room = end * 2;
		uint8_t *grown = realloc(m->data, room);
		if (!grown) return -1;
		memset(grown + m->room, 0, room - m->room);
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

static int mem_close(thandle_t h) {
	(void)h;
	return 0;
}

static toff_t mem_size(thandle_t h) { return ((memory *)h)->size; }

static int on_note(TIFF *t, void *notes, const char *module, const char *format, va_list args) {
	(void)t, (void)module;
	sohoa_note_error_v(notes, format, args);
	return 1;
}

static int write_strip(TIFF *t, memory *m, const uint8_t *packed, uint32_t width, uint32_t height, uint8_t **out, size_t *size) {
	TIFFSetField(t, TIFFTAG_IMAGEWIDTH, width);
	TIFFSetField(t, TIFFTAG_IMAGELENGTH, height);
	TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 1);
	TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 1);
	TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, height);
	TIFFSetField(t, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
	TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
	TIFFSetField(t, TIFFTAG_FILLORDER, FILLORDER_MSB2LSB);
	const size_t row = ((size_t)width + 7) / 8;
	uint64_t *offsets = NULL, *counts = NULL;
	if (TIFFWriteEncodedStrip(t, 0, (void *)packed, (tmsize_t)(row * height)) < 0 || !TIFFFlushData(t) ||
		!TIFFGetField(t, TIFFTAG_STRIPOFFSETS, &offsets) || !TIFFGetField(t, TIFFTAG_STRIPBYTECOUNTS, &counts) ||
		offsets[0] > m->size || counts[0] == 0 || counts[0] > m->size - offsets[0])
		return -1;
	*size = (size_t)counts[0];
	*out = malloc(*size);
	if (!*out) return -1;
	memcpy(*out, m->data + offsets[0], *size);
	return 0;
}

// sohoa_g4_encode packs rows of bits (1 is black, rows padded to bytes) as one strip of CCITT G4.
int sohoa_g4_encode(const uint8_t *packed, uint32_t width, uint32_t height, uint8_t **out, size_t *size, sohoa_notes *notes) {
	sohoa_notes_begin();
	memory m = {0};
	TIFFOpenOptions *opts = TIFFOpenOptionsAlloc();
	if (!opts) return -1;
	TIFFOpenOptionsSetErrorHandlerExtR(opts, on_note, notes);
	TIFFOpenOptionsSetWarningHandlerExtR(opts, on_note, notes);
	TIFF *t = TIFFClientOpenExt("g4", "w", &m, mem_read, mem_write, mem_seek, mem_close, mem_size, NULL, NULL, opts);
	TIFFOpenOptionsFree(opts);
	int err = t ? write_strip(t, &m, packed, width, height, out, size) : -1;
	if (t) TIFFClose(t);
	free(m.data);
	return err;
}
