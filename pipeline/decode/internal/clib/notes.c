#include "clib.h"

#include <stdio.h>

void sohoa_note_error_v(sohoa_notes *notes, const char *format, va_list args) {
	// Formatting costs; the counting must not, however many rows are bad.
	if (notes->errors < 100) vsnprintf(notes->error, sizeof notes->error, format, args);
	notes->errors++;
}

void sohoa_note_error(sohoa_notes *notes, const char *format, ...) {
	va_list args;
	va_start(args, format);
	sohoa_note_error_v(notes, format, args);
	va_end(args);
}

void sohoa_note_warning_v(sohoa_notes *notes, const char *format, va_list args) {
	if (notes->warnings < SOHOA_NOTES)
		vsnprintf(notes->warning[notes->warnings], sizeof notes->warning[0], format, args);
	notes->warnings++;
}
