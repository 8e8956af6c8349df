/* What somebody typed to search for. A small language without mistakes: whatever is not understood
 * is text to be found.
 *
 *   word "a phrase" from:anna to:"Anna Berg" label:board has:file in:trash is:unread
 *   before:2026-11-22 after:2026
 *
 * All of it must fit. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "store/deliveries.h"

enum {
	SEARCH_TERMS_MAX = 16,
	SEARCH_LABELS_MAX = 4,
};

enum search_field {
	SEARCH_ANYWHERE,
	SEARCH_FROM,
	SEARCH_TO,
};

struct search_term {
	enum search_field field;
	struct str folded; /* never empty */
	bool is_self;      /* from:me, to:me */
};

/* What was typed so that it can mean nothing; each has a sentence. */
enum search_hint {
	SEARCH_HINT_DATE = 1,     /* before: or after: without a date */
	SEARCH_HINT_OPERATOR = 2, /* "form:anna" */
	SEARCH_HINT_BOX = 4,      /* in: or is: or has: with an unknown word */
};

struct search_query {
	struct search_term terms[SEARCH_TERMS_MAX];
	size_t term_count;
	struct str labels[SEARCH_LABELS_MAX]; /* as typed */
	size_t label_count;
	enum box box; /* BOX_NONE: Inbox, Sent and Archive */
	bool has_file;
	bool is_unread, is_read;
	int64_t after_ms;  /* sent then or later; 0: at any time */
	int64_t before_ms; /* sent earlier; 0: at any time */
	unsigned hints;    /* enum search_hint */
};

/* Dates are days in `zone`. ERR_INVALID with errors "q": too long, too many words, or not text. An
 * empty query is fine: it has nothing to find. */
enum err search_query_parse(struct cx *cx, struct str typed, struct str zone,
			    struct search_query *ret, struct form_errors *errors) MUST_CHECK;
/* Nothing was asked for. */
bool search_query_is_empty(const struct search_query *query);
