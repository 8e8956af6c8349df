/* What may stand in a setting, by its type: the row of a table (core/portal_settings.c) read,
 * written and judged. */
#pragma once

#include "core/portal_settings.h"

enum value_type {
	VALUE_TEXT,
	VALUE_LINK,
	VALUE_NUMBER,
	VALUE_BYTES,
	VALUE_ENDINGS,
	VALUE_COLOUR,  /* of accents: one that can be read, or none */
	VALUE_WORD,    /* one of `words`, kept as its place */
	VALUE_SWITCH,  /* yes or no */
	VALUE_FEATURE, /* the same, kept as what is off */
};

struct setting {
	const char *name;
	enum value_type type;
	size_t offset;
	int64_t standard; /* default; texts are empty, features on */
	int64_t min, max;
	bool is_written_at_set_up;
	bool is_fixed; /* changed by a command on the machine, if at all */
	const char *const *words;
	const enum text_id *word_labels;
	bool is_dark; /* of a colour: for a dark page */
	enum setting_group group;
	enum text_id label, hint;
};

/* Into its field; strings stay the caller's. ERR_INVALID: out of range, or nothing that could stand
 * there. */
enum err setting_value_parse(const struct setting *setting, struct str text,
			     struct settings *settings) MUST_CHECK;
/* As setting_value_parse() takes it. */
struct str setting_value_text(const struct setting *setting, const struct settings *settings,
			      struct arena *arena);
/* What stands there as long as nobody has said anything. */
void setting_value_standard(const struct setting *setting, struct settings *settings);
/* Says, under the setting's name, what may stand there. */
void setting_value_complain(struct cx *cx, const struct setting *setting, struct str value,
			    struct form_errors *errors);
