/* The beginning of a text file, for showing it: whatever its bytes are, what comes out is text. */
#pragma once

#include "core/download.h"

enum { FILE_TEXT_BYTES = 256 * 1024 };

struct file_text {
	struct str text; /* UTF-8, at most four times FILE_TEXT_BYTES */
	bool is_cut;     /* the file goes on */
	bool is_binary;  /* it is no text after all; text is empty */
};

/* Reads it from a download that was opened and not read yet. Errors as of download_next(). */
enum err file_text_read(struct cx *cx, struct download *download, struct file_text *ret) MUST_CHECK;
/* What is there of one, already in memory: UTF-8, UTF-16 with its mark, or else Latin-1. */
enum err file_text_decode(struct arena *arena, struct str bytes, bool is_cut,
			  struct file_text *ret) MUST_CHECK;
