#include "clib.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

typedef struct {
	struct jpeg_compress_struct cinfo;
	struct jpeg_error_mgr err;
	jmp_buf back;
	sohoa_notes *notes;
	unsigned char *data;
	unsigned long size;
} writer;

static void on_exit_error(j_common_ptr c) {
	writer *w = c->client_data;
	char text[JMSG_LENGTH_MAX];
	c->err->format_message(c, text);
	sohoa_note_error(w->notes, "%s", text);
	longjmp(w->back, 1);
}

static void on_message(j_common_ptr c, int level) { (void)c, (void)level; }
static void on_output(j_common_ptr c) { (void)c; }

static void encode(writer *w, const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride, int format, int quality,
	int full_color) {
	j_compress_ptr c = &w->cinfo;
	jpeg_create_compress(c);
	c->client_data = w;
	jpeg_mem_dest(c, &w->data, &w->size);
	c->image_width = width;
	c->image_height = height;
	c->input_components = format == SOHOA_GRAY ? 1 : 4;
	c->in_color_space = format == SOHOA_GRAY ? JCS_GRAYSCALE : JCS_EXT_RGBX;
	jpeg_set_defaults(c);
	jpeg_set_quality(c, quality, TRUE);
	c->optimize_coding = TRUE;
	if (full_color) c->comp_info[0].h_samp_factor = c->comp_info[0].v_samp_factor = 1;
	jpeg_start_compress(c, TRUE);
	while (c->next_scanline < height) {
		JSAMPROW row = (JSAMPROW)(pixels + c->next_scanline * stride);
		jpeg_write_scanlines(c, &row, 1);
	}
	jpeg_finish_compress(c);
}

int sohoa_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride, int format, int quality,
	int full_color, uint8_t **out, size_t *size, sohoa_notes *notes) {
	writer *w = calloc(1, sizeof *w);
	if (!w) return -1;
	w->notes = notes;
	w->cinfo.err = jpeg_std_error(&w->err);
	w->err.error_exit = on_exit_error;
	w->err.emit_message = on_message;
	w->err.output_message = on_output;
	w->cinfo.client_data = w;
	int err = 0;
	if (setjmp(w->back))
		err = -1;
	else
		encode(w, pixels, width, height, stride, format, quality, full_color);
	jpeg_destroy_compress(&w->cinfo);
	// After an error w->data may already have been freed by jpeg_mem_dest, which grows its buffer behind our back: rather
	// leak a buffer than free one twice.
	if (!err) *out = w->data, *size = w->size;
	free(w);
	return err;
}
