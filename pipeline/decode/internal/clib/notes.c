#include "clib.h"

#include <errno.h>
#include <stdio.h>

void sohoa_notes_begin(void) { errno = 0; }

void sohoa_note_error_v(sohoa_notes *notes, const char *format, va_list args) {
	// Neither library has a code for it, and both say so in words of their own; malloc's own word is the same for both.
	if (errno == ENOMEM) notes->no_memory = 1;
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
