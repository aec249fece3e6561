#include "clib.h"

#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// What one allocation of libtiff may have: a strip that holds all of an A4 page of 600 dpi in 16-bit colour has 210 MB.
static const tmsize_t most_alloc = (tmsize_t)512 << 20;

static int on_error(TIFF *t, void *notes, const char *module, const char *format, va_list args) {
	(void)t, (void)module;
	sohoa_note_error_v(notes, format, args);
	return 1; // do not print it
}

static int on_warning(TIFF *t, void *notes, const char *module, const char *format, va_list args) {
	(void)t, (void)module;
	sohoa_note_warning_v(notes, format, args);
	return 1;
}

// open_mapped opens a file at the directory that begins at offset, whether or not the first directory can be read.
static TIFF *open_mapped(const char *path, uint64_t offset, int mapped, sohoa_notes *notes) {
	sohoa_notes_begin();
	TIFFOpenOptions *opts = TIFFOpenOptionsAlloc();
	if (!opts) return NULL;
	TIFFOpenOptionsSetMaxSingleMemAlloc(opts, most_alloc);
	TIFFOpenOptionsSetErrorHandlerExtR(opts, on_error, notes);
	TIFFOpenOptionsSetWarningHandlerExtR(opts, on_warning, notes);
	// h: the header alone. m: no mmap, which a file that is cut while it is read turns into a SIGBUS.
	TIFF *t = TIFFOpenExt(path, mapped ? "rh" : "rhm", opts);
	TIFFOpenOptionsFree(opts);
	if (t && !TIFFSetSubDirectory(t, offset)) {
		TIFFClose(t);
		return NULL;
	}
	notes->warnings = 0; // about tags that libtiff does not know, which many programs write; pixels have not been touched yet
	return t;
}

static TIFF *open_at(const char *path, uint64_t offset, sohoa_notes *notes) {
	return open_mapped(path, offset, 0, notes);
}

static uint64_t packed_bytes(TIFF *t, const sohoa_tiff_info *info) {
	uint64_t *counts = NULL, sum = 0;
	uint32_t n = info->tiled ? TIFFNumberOfTiles(t) : TIFFNumberOfStrips(t);
	if (!TIFFGetField(t, info->tiled ? TIFFTAG_TILEBYTECOUNTS : TIFFTAG_STRIPBYTECOUNTS, &counts) || !counts) return 0;
	for (uint32_t i = 0; i < n && sum < (uint64_t)1 << 60; i++) sum += counts[i] < (uint64_t)1 << 40 ? counts[i] : 0;
	return sum;
}

int sohoa_tiff_info_of(const char *path, uint64_t offset, sohoa_tiff_info *info, sohoa_notes *notes) {
	TIFF *t = open_at(path, offset, notes);
	if (!t) return -1;
	memset(info, 0, sizeof *info);
	int ok = TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &info->width) && TIFFGetField(t, TIFFTAG_IMAGELENGTH, &info->height);
	TIFFGetFieldDefaulted(t, TIFFTAG_ROWSPERSTRIP, &info->rows_per_strip);
	TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &info->bits);
	TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &info->samples);
	TIFFGetFieldDefaulted(t, TIFFTAG_ORIENTATION, &info->orientation);
	TIFFGetFieldDefaulted(t, TIFFTAG_COMPRESSION, &info->compression);
	TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &info->planar);
	// Faxes often leave it out; on paper, 0 is white.
	if (!TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &info->photometric)) info->photometric = PHOTOMETRIC_MINISWHITE;
	if (TIFFGetField(t, TIFFTAG_XRESOLUTION, &info->xres) && TIFFGetField(t, TIFFTAG_YRESOLUTION, &info->yres))
		TIFFGetFieldDefaulted(t, TIFFTAG_RESOLUTIONUNIT, &info->unit);
	info->tiled = TIFFIsTiled(t);
	info->bytes = packed_bytes(t, info);
	TIFFClose(t);
	if (!ok) sohoa_note_error(notes, "the page has no size");
	return ok ? 0 : -1;
}

static void put_row(uint8_t *dst, const uint8_t *row, const sohoa_tiff_info *info, int format) {
	const uint8_t flip = info->photometric == PHOTOMETRIC_MINISWHITE ? 0xff : 0;
	if (format == SOHOA_RGBA) {
		for (uint32_t x = 0; x < info->width; x++, dst += 4, row += 3)
			dst[0] = row[0], dst[1] = row[1], dst[2] = row[2], dst[3] = 255;
	} else if (info->bits == 1) {
		for (uint32_t x = 0; x < info->width; x++) dst[x] = (uint8_t) - (((row[x >> 3] ^ flip) >> (7 - (x & 7))) & 1);
	} else {
		for (uint32_t x = 0; x < info->width; x++) dst[x] = row[x] ^ flip;
	}
}

// read_rows gives the number of rows that could not be decoded; they are left white.
static int64_t read_rows(TIFF *t, const sohoa_tiff_info *info, int format, uint8_t *row, uint8_t *out, size_t stride) {
	enum { PATIENCE = 16 }; // bad rows one after the other until the rest of a strip is given up
	const size_t bytes = (size_t)info->width * (format == SOHOA_RGBA ? 4 : 1);
	const uint32_t strip = info->rows_per_strip ? info->rows_per_strip : info->height;
	int64_t bad = 0;
	int in_a_row = 0;
	for (uint32_t y = 0; y < info->height; y++) {
		uint8_t *dst = out + y * stride;
		if (y % strip == 0) in_a_row = 0;
		if (in_a_row < PATIENCE && TIFFReadScanline(t, row, y, 0) >= 0) {
			put_row(dst, row, info, format);
			in_a_row = 0;
			continue;
		}
		memset(dst, 255, bytes);
		bad++;
		in_a_row++;
	}
	return bad;
}

// sohoa_tiff_rows reads a page in strips, of one sample of 1 or 8 bits as SOHOA_GRAY or of three samples of 8 bits as
// SOHOA_RGBA, and gives the number of rows that could not be decoded; they are left white.
int sohoa_tiff_rows(const char *path, uint64_t offset, const sohoa_tiff_info *info, int format, uint8_t *out, size_t stride,
	sohoa_notes *notes) {
	TIFF *t = open_at(path, offset, notes);
	if (!t) return -1;
	if (info->compression == COMPRESSION_JPEG && format == SOHOA_RGBA)
		TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
	const tmsize_t size = TIFFScanlineSize(t);
	const uint64_t want = ((uint64_t)info->width * info->bits * info->samples + 7) / 8;
	uint8_t *row = size >= 0 && (uint64_t)size >= want ? calloc(1, (size_t)size) : NULL;
	int64_t bad = -1;
	if (row)
		bad = read_rows(t, info, format, row, out, stride);
	else
		sohoa_note_error(notes, "a row holds %ld bytes where %ld belong", (long)size, (long)want);
	free(row);
	TIFFClose(t);
	return (int)bad;
}

// sohoa_tiff_rgba reads any page that libtiff can, as it is stored, into bytes R, G, B, A; colours come multiplied by A.
int sohoa_tiff_rgba(const char *path, uint64_t offset, const sohoa_tiff_info *info, uint32_t *out, sohoa_notes *notes) {
	// libtiff 4.5.0 refuses unpacked tiles unless they are mapped: "Invalid tile byte count".
	TIFF *t = open_mapped(path, offset, info->tiled && info->compression == COMPRESSION_NONE, notes);
	if (!t) return -1;
	TIFFRGBAImage img;
	char why[1024] = "";
	int ok = TIFFRGBAImageOK(t, why) && TIFFRGBAImageBegin(&img, t, 0, why);
	if (ok) {
		if (img.width == info->width && img.height == info->height) {
			img.req_orientation = img.orientation; // as stored; the caller turns it
			ok = TIFFRGBAImageGet(&img, out, info->width, info->height);
		} else {
			ok = 0;
		}
		TIFFRGBAImageEnd(&img);
	}
	if (why[0]) sohoa_note_error(notes, "%s", why);
	TIFFClose(t);
	return ok ? 0 : -1;
}

// sohoa_tiff_jpeg gives the JPEG of a page that is one strip of JPEG, its tables put in; *out is NULL for other pages.
int sohoa_tiff_jpeg(const char *path, uint64_t offset, uint8_t **out, size_t *size, sohoa_notes *notes) {
	TIFF *t = open_at(path, offset, notes);
	if (!t) return -1;
	uint16_t compression = 0;
	uint32_t tables = 0;
	uint64_t *counts = NULL;
	const uint8_t *table = NULL;
	*out = NULL;
	TIFFGetField(t, TIFFTAG_COMPRESSION, &compression);
	if (compression == COMPRESSION_JPEG && !TIFFIsTiled(t) && TIFFNumberOfStrips(t) == 1 &&
		TIFFGetField(t, TIFFTAG_STRIPBYTECOUNTS, &counts) && counts && counts[0] > 4 && counts[0] < (uint64_t)most_alloc) {
		if (!TIFFGetField(t, TIFFTAG_JPEGTABLES, &tables, &table) || tables < 4) tables = 0;
		const size_t head = tables ? tables - 2 : 2; // SOI and the tables without their EOI
		uint8_t *all = malloc(head + (size_t)counts[0]);
		tmsize_t n = all ? TIFFReadRawStrip(t, 0, all + head, (tmsize_t)counts[0]) : -1;
		if (n > 4 && all[head] == 0xff && all[head + 1] == 0xd8) {
			memmove(all + head, all + head + 2, (size_t)n - 2); // its own SOI
			if (tables)
				memcpy(all, table, head);
			else
				all[0] = 0xff, all[1] = 0xd8;
			*out = all;
			*size = head + (size_t)n - 2;
		} else {
			free(all);
		}
	}
	TIFFClose(t);
	return 0;
}
