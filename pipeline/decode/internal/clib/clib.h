// What decode and facsimile need of libtiff and libjpeg. Nothing here keeps state between two calls or writes to stderr:
// what the libraries have to say goes into the caller's sohoa_notes.
#ifndef SOHOA_CLIB_H
#define SOHOA_CLIB_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

enum { SOHOA_NOTES = 4, SOHOA_NOTE_SIZE = 160 };

// The last error, the first few warnings and the number of both. A hostile file can cause millions.
typedef struct {
	char error[SOHOA_NOTE_SIZE];
	char warning[SOHOA_NOTES][SOHOA_NOTE_SIZE];
	int errors, warnings;
	int no_memory; // an error came of memory that could not be had: it says nothing of the file
} sohoa_notes;

typedef struct {
	uint32_t width, height, rows_per_strip;
	uint16_t bits, samples, photometric, orientation, compression, planar, unit;
	float xres, yres;
	int tiled;
	uint64_t bytes; // packed, as its strips or tiles claim
} sohoa_tiff_info;

// How sohoa_tiff_rows stores a pixel.
enum { SOHOA_GRAY, SOHOA_RGBA, SOHOA_CMYK };

// All functions return -1 on failure and then give the reason in notes->error.
int sohoa_tiff_info_of(const char *path, uint64_t offset, sohoa_tiff_info *info, sohoa_notes *notes);
int sohoa_tiff_rows(const char *path, uint64_t offset, const sohoa_tiff_info *info, int format, uint8_t *out, size_t stride,
	sohoa_notes *notes);
int sohoa_tiff_rgba(const char *path, uint64_t offset, const sohoa_tiff_info *info, uint32_t *out, sohoa_notes *notes);
int sohoa_tiff_jpeg(const char *path, uint64_t offset, uint8_t **out, size_t *size, sohoa_notes *notes);
int sohoa_g4_encode(const uint8_t *packed, uint32_t width, uint32_t height, uint8_t **out, size_t *size, sohoa_notes *notes);

typedef struct {
	uint32_t width, height;
	int components, space; // space is libjpeg's J_COLOR_SPACE
	int adobe, jfif, arithmetic;
	int density_unit, xdensity, ydensity; // as in the JFIF header
	uint64_t coefficients;                // bytes that all scans together need at once; 0 for one scan
} sohoa_jpeg_info;

int sohoa_jpeg_head(const char *path, sohoa_jpeg_info *info, sohoa_notes *notes);
// Decodes at eighths/8 of the size into height rows of width pixels; rows that the file no longer holds are left white.
// Gives the number of rows that were there.
int sohoa_jpeg_decode(const char *path, int eighths, int format, uint8_t *out, uint32_t width, uint32_t height, size_t stride,
	size_t most_memory, sohoa_notes *notes);
int sohoa_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride, int format, int quality,
	int full_color, uint8_t **out, size_t *size, sohoa_notes *notes);

// Forgets why an earlier call of this thread failed, so that errors are told from those of memory.
void sohoa_notes_begin(void);
void sohoa_note_error(sohoa_notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sohoa_note_error_v(sohoa_notes *notes, const char *format, va_list args);
void sohoa_note_warning_v(sohoa_notes *notes, const char *format, va_list args);
#endif
