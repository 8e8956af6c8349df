/* What pages say of a file: its kind, its size, its fingerprint, how it was looked at. */
#pragma once

#include "web/file_stream.h"

struct file_words {
	struct id id;
	struct str name;
	struct str kind; /* its ending, for the mark beside the name: "PDF"; empty: none */
	struct str size;
	struct str fingerprint;    /* SHA-256 in hexadecimal; empty: not known yet */
	struct str scan;           /* a sentence about the virus scan; empty: there was none */
	bool is_suspect;           /* the scanner found something */
	enum file_preview preview; /* how a page shows it: markup is only downloaded */
};
enum err file_words_fill(struct cx *cx, const struct id *id, const struct file_head *head,
			 struct file_words *ret) MUST_CHECK;
/* "4.5 MB" */
struct str file_words_size(struct cx *cx, int64_t bytes);
