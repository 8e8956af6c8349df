/* Administration: the texts of mails (P3.3); all of them, and one to be written. */
#pragma once

#include "core/form_errors.h"
#include "http/route.h"
#include "mail/text_check.h"
#include "web/frame.h"

struct text_row {
	struct str word, language, title, when_sent, state;
	bool is_standard;
};
struct texts_view {
	struct frame frame;
	int64_t unchanged;
	struct text_row *rows;
	size_t count;
};

struct text_fill {
	struct str mark; /* "{sender}" */
	struct str means;
};
struct text_sample {
	struct str title; /* for whom */
	struct mail_text mail;
};
struct text_version {
	int64_t version;
	struct str when, when_iso, author, subject;
	bool is_standard;
};
enum { TEXT_VERSIONS_SHOWN = 20, TEXT_SAMPLES = 2 };
struct text_view {
	struct frame frame;
	const struct form_errors *errors;
	struct str word, language, when_sent, state;
	bool is_standard;
	int64_t version;  /* that they have before their eyes */
	int64_t restored; /* the older one that is shown; 0: the newest */
	struct texts_words typed;
	struct str subject_error, text_error;
	struct texts_words theirs; /* what somebody else has saved meanwhile */
	bool is_conflict;
	struct text_fill fills[FILL_COUNT];
	size_t fill_count;
	struct text_sample samples[TEXT_SAMPLES];
	size_t sample_count;
	struct text_check check;
	struct str score; /* a sentence; empty: no filter is configured */
	struct text_version *versions;
	size_t version_count;
	int64_t older_before; /* 0: none are older */
};

handler_fn text_page_list, text_page_show, text_page_submit;
