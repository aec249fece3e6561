#include "clib.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

enum {
	BUFFER = 1 << 16,
	MOST_SCANS = 200, // an encoder needs a dozen; each can cost as much as a whole picture
};

typedef struct {
	struct jpeg_decompress_struct cinfo;
	struct jpeg_error_mgr err;
	struct jpeg_source_mgr src;
	struct jpeg_progress_mgr progress;
	jmp_buf back;
	sohoa_notes *notes;
	FILE *file;
	int ended;     // the file did before its picture
	int64_t lost;  // first row of blocks that is not there; -1 while all are
	JOCTET buffer[BUFFER];
} reader;

static void on_exit_error(j_common_ptr c) {
	reader *r = c->client_data;
	char text[JMSG_LENGTH_MAX];
	c->err->format_message(c, text);
	sohoa_note_error(r->notes, "%s", text);
	longjmp(r->back, 1);
}

static void warn(sohoa_notes *notes, const char *format, ...) {
	va_list args;
	va_start(args, format);
	sohoa_note_warning_v(notes, format, args);
	va_end(args);
}

// lose remembers from where on the picture is made up. In a later scan of a progressive file only detail is missing.
static void lose(reader *r) {
	if (r->lost < 0 && r->cinfo.input_scan_number <= 1) r->lost = r->cinfo.input_iMCU_row;
}

static void on_message(j_common_ptr c, int level) {
	if (level >= 0) return; // traces
	reader *r = c->client_data;
	char text[JMSG_LENGTH_MAX];
	c->err->num_warnings++;
	// After a restart marker the decoder finds its way back, unless the file is over.
	if (c->err->msg_code == JWRN_HIT_MARKER && (r->ended || r->cinfo.restart_interval == 0)) lose(r);
	if (r->notes->warnings < SOHOA_NOTES) c->err->format_message(c, text);
	else text[0] = 0;
	warn(r->notes, "%s", text);
}

static void on_output(j_common_ptr c) { (void)c; }
static void on_init(j_decompress_ptr c) { (void)c; }

static boolean on_fill(j_decompress_ptr c) {
	reader *r = c->client_data;
	size_t n = fread(r->buffer, 1, BUFFER, r->file);
	if (n == 0) {
		if (!r->ended) warn(r->notes, "the file ends before its picture does");
		r->ended = 1;
		r->buffer[0] = 0xff;
		r->buffer[1] = JPEG_EOI;
		n = 2;
	}
	r->src.next_input_byte = r->buffer;
	r->src.bytes_in_buffer = n;
	return TRUE;
}

static void on_skip(j_decompress_ptr c, long n) {
	reader *r = c->client_data;
	while (n > (long)r->src.bytes_in_buffer && !r->ended) {
		n -= (long)r->src.bytes_in_buffer;
		on_fill(c);
	}
	if (n > (long)r->src.bytes_in_buffer || n < 0) return;
	r->src.next_input_byte += n;
	r->src.bytes_in_buffer -= (size_t)n;
}

static void on_progress(j_common_ptr c) {
	reader *r = c->client_data;
	if (r->cinfo.input_scan_number <= MOST_SCANS) return;
	sohoa_note_error(r->notes, "it has more than %d scans", MOST_SCANS);
	longjmp(r->back, 1);
}

static reader *open_jpeg(const char *path, sohoa_notes *notes) {
	sohoa_notes_begin();
	reader *r = calloc(1, sizeof *r);
	if (!r) return NULL;
	r->file = fopen(path, "rb");
	if (!r->file) {
		sohoa_note_error(notes, "the file cannot be opened");
		free(r);
		return NULL;
	}
	r->notes = notes;
	r->lost = -1;
	r->cinfo.err = jpeg_std_error(&r->err);
	r->err.error_exit = on_exit_error;
	r->err.emit_message = on_message;
	r->err.output_message = on_output;
	r->cinfo.client_data = r;
	return r;
}

// begin reads the header. It is called with r->back set.
static void begin(reader *r) {
	jpeg_create_decompress(&r->cinfo);
	r->cinfo.client_data = r;
	r->src.init_source = on_init;
	r->src.fill_input_buffer = on_fill;
	r->src.skip_input_data = on_skip;
	r->src.resync_to_restart = jpeg_resync_to_restart;
	r->src.term_source = on_init;
	r->cinfo.src = &r->src;
	r->progress.progress_monitor = on_progress;
	r->cinfo.progress = &r->progress;
	jpeg_read_header(&r->cinfo, TRUE);
}

static void close_jpeg(reader *r) {
	jpeg_destroy_decompress(&r->cinfo);
	fclose(r->file);
	free(r);
}

int sohoa_jpeg_head(const char *path, sohoa_jpeg_info *info, sohoa_notes *notes) {
	reader *r = open_jpeg(path, notes);
	if (!r) return -1;
	if (setjmp(r->back)) {
		close_jpeg(r);
		return -1;
	}
	begin(r);
	j_decompress_ptr c = &r->cinfo;
	*info = (sohoa_jpeg_info){
		.width = c->image_width, .height = c->image_height, .components = c->num_components, .space = c->jpeg_color_space,
		.adobe = c->saw_Adobe_marker, .jfif = c->saw_JFIF_marker, .arithmetic = c->arith_code,
	};
	if (c->saw_JFIF_marker)
		info->density_unit = c->density_unit, info->xdensity = c->X_density, info->ydensity = c->Y_density;
	if (jpeg_has_multiple_scans(c))
		for (int i = 0; i < c->num_components; i++)
			info->coefficients += (uint64_t)c->comp_info[i].width_in_blocks * c->comp_info[i].height_in_blocks * sizeof(JBLOCK);
	close_jpeg(r);
	return 0;
}

// decode reads the rows. It is called with r->back set.
static void decode(reader *r, int eighths, int format, uint8_t *out, uint32_t width, uint32_t height, size_t stride) {
	j_decompress_ptr c = &r->cinfo;
	c->scale_num = (unsigned)eighths;
	c->scale_denom = 8;
	c->out_color_space = format == SOHOA_GRAY ? JCS_GRAYSCALE : format == SOHOA_CMYK ? JCS_CMYK : JCS_EXT_RGBA;
	jpeg_calc_output_dimensions(c);
	if (c->output_width != width || c->output_height != height) {
		sohoa_note_error(r->notes, "it gives %u×%u pixels, not %u×%u", c->output_width, c->output_height, width, height);
		longjmp(r->back, 1);
	}
	jpeg_start_decompress(c);
	while (c->output_scanline < height) {
		JSAMPROW row = out + c->output_scanline * stride;
		jpeg_read_scanlines(c, &row, 1);
	}
}

int sohoa_jpeg_decode(const char *path, int eighths, int format, uint8_t *out, uint32_t width, uint32_t height, size_t stride,
	size_t most_memory, sohoa_notes *notes) {
	reader *r = open_jpeg(path, notes);
	if (!r) return -1;
	if (!setjmp(r->back)) {
		begin(r);
		r->cinfo.mem->max_memory_to_use = (long)most_memory;
		decode(r, eighths, format, out, width, height, stride);
	}
	// After an error the rows before it are still good.
	int64_t rows = r->cinfo.global_state ? (int64_t)r->cinfo.output_scanline : 0;
	if (r->lost >= 0) {
		int64_t good = r->lost * r->cinfo.max_v_samp_factor * r->cinfo.min_DCT_scaled_size;
		if (good < rows) rows = good;
	}
	if (rows > height) rows = height;
	const size_t bytes = (size_t)width * (format == SOHOA_GRAY ? 1 : 4);
	for (int64_t y = rows; rows > 0 && y < height; y++)
		memset(out + (size_t)y * stride, format == SOHOA_CMYK && !r->cinfo.saw_Adobe_marker ? 0 : 255, bytes);
	if (rows == 0 && notes->errors == 0) sohoa_note_error(notes, "it holds no row of its picture");
	close_jpeg(r);
	return rows > 0 ? (int)rows : -1;
}
