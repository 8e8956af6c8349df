/* What is told of a text while an administrator writes it: how it will look, warnings, and what the
 * spam filter thinks. Names and links in it are made up: no such link opens anything (P2.7). */
#pragma once

#include "core/spam_filter.h"
#include "mail/mail_text.h"
#include "mail/text_lint.h"

enum text_reader {
	READER_GUEST, /* who gets it from a professional user, and has not registered where that
			 is usual */
	READER_PROFESSIONAL, /* who gets it from a guest */
	READER_SELF,         /* whoever is signed in: for a test */
};
/* The mail to such a reader. */
enum err text_check_sample(struct cx *cx, enum texts_name name, const struct language *language,
			   const struct texts_words *words, enum text_reader reader,
			   struct mail_text *ret) MUST_CHECK;

struct text_check {
	struct text_warnings warnings;
	bool has_filter; /* one is configured */
	bool has_score;  /* and it has answered */
	struct spam_verdict verdict;
};
/* has_subject: as for text_lint(). A filter that is out of reach is no error. */
enum err text_check(struct cx *cx, enum texts_name name, const struct language *language,
		    const struct texts_words *words, bool has_subject,
		    struct text_check *ret) MUST_CHECK;
/* "-1.2" */
struct str text_check_points(struct arena *arena, int64_t tenths);
