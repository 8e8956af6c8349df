/* What is better not written in a mail (P3.3): a table of rules, each with what it finds, why that
 * is bad, and what to write instead. They advise; only a missing link keeps a text from being saved
 * (core/texts.h). */
#pragma once

#include "core/texts.h"

enum { TEXT_LINT_MAX = 24 };

struct text_warning {
	const char *rule;  /* "click-here"; the same for ever, for programs */
	struct str detail; /* what was found, and why it is bad */
	struct str advice; /* what to write instead */
};

struct text_warnings {
	struct text_warning items[TEXT_LINT_MAX];
	size_t count;
};

/* Sentences in the language of cx. has_subject: of a text alone nothing is said of its subject. */
void text_lint(struct cx *cx, enum texts_name name, const struct texts_words *words,
	       bool has_subject, struct text_warnings *ret);
