/* Options of messages (P4.2): as fields of a form, and in words. */
#pragma once

#include "core/draft.h"
#include "core/message_options.h"
#include "http/form.h"

enum { OPTION_COUNT = 4 };

struct option_part {
	const char *name; /* of the field */
	struct str label, hint;
	bool is_chosen;
	bool is_offered;
	bool is_inherited; /* holds anyway, and cannot be switched off */
};

struct options_part {
	struct option_part options[OPTION_COUNT];
	bool has_expiry;    /* the field is there */
	struct str expires; /* as typed */
	struct str until;   /* inherited: "It ends ... at the latest"; empty: nothing */
	struct str kept;    /* "Messages are deleted after ..."; empty: they are not */
	struct str wrong, expires_wrong;
	bool is_open;
};

/* The fields, for a draft. */
enum err options_part_fill(struct cx *cx, const struct draft *draft,
			   const struct form_errors *errors, struct options_part *ret) MUST_CHECK;
/* What somebody chose in them, and the message they forward. */
void options_part_read(const struct form *form, struct draft *draft);

enum { TERMS_MAX = OPTION_COUNT + 2 };
/* "No forwarding", "Expires 2 Jan 2027, 23:59" ... */
struct terms_part {
	struct term_part {
		struct str words;
	} items[TERMS_MAX];
	size_t count;
};
/* Says when a message sent at that time is deleted for everybody, if it is ever. */
void options_part_retention(struct cx *cx, int64_t sent_ms, struct terms_part *part);
struct terms_part options_part_terms(struct cx *cx, const struct message_terms *terms);
/* The same as one text, joined with ", "; empty without any. */
struct str options_part_words(struct cx *cx, const struct message_terms *terms);
