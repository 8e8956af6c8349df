/* What is decided once for the whole portal: stored in the database, each value authenticated,
 * defaults here. */
#pragma once

#include "core/form_errors.h"

/* All of them; strings in the arena. ERR_NOT_FOUND: there is no portal in this database. */
enum err portal_settings_load(struct db *db, struct arena *arena, struct settings *ret) MUST_CHECK;
/* One value by its stored name ("invitation_days"). ERR_INVALID: no such name, or out of range. */
enum err portal_settings_put(struct db *db, const char *name, struct str value) MUST_CHECK;
/* Its place, by its stored name. ERR_NOT_FOUND: there is none. */
enum err portal_settings_find(struct str name, size_t *ret_at) MUST_CHECK;
/* Into its field. ERR_INVALID: out of range, or nothing that could stand there. */
enum err portal_settings_parse(size_t at, struct str value, struct settings *settings) MUST_CHECK;
/* Says, under the setting's name, what may stand there. */
void portal_settings_complain(struct cx *cx, size_t at, struct str value,
			      struct form_errors *errors);
/* Whether only a command on the machine changes it, if anything does. */
bool portal_settings_is_fixed(size_t at);
/* How many there are, and the stored name of each. */
extern const size_t portal_settings_count;
const char *portal_settings_name(size_t at);

/* What the page of settings has in one place, in this order. */
enum setting_group {
	SETTING_GROUP_FIXED,    /* decided at set-up, or by a command on the machine */
	SETTING_GROUP_BRANDING, /* on the page of branding */
	SETTING_GROUP_RULES,    /* on the page of who may register */
	SETTING_GROUP_FEATURES,
	SETTING_GROUP_WRITING, /* who may write to whom */
	SETTING_GROUP_SESSIONS,
	SETTING_GROUP_PASSWORDS,
	SETTING_GROUP_KEEPING,
	SETTING_GROUP_FILES,
	SETTING_GROUP_MAIL,
	SETTING_GROUP_LIMITS,
	SETTING_GROUP_STAMPS,
	SETTING_GROUPS,
};
enum setting_kind { SETTING_TEXT, SETTING_NUMBER, SETTING_BYTES, SETTING_WORD, SETTING_SWITCH };
/* How pages and the API show one. */
struct setting_facts {
	enum setting_group group;
	enum setting_kind kind;
	enum text_id label, hint;        /* the hint says in a sentence what it does */
	int64_t min, max;                /* of SETTING_NUMBER and SETTING_BYTES */
	const char *const *words;        /* of SETTING_WORD, from 1 on, up to NULL ... */
	const enum text_id *word_labels; /* ... and what they mean */
};
struct setting_facts portal_settings_facts(size_t at);
/* Of SETTING_NUMBER and SETTING_BYTES. */
int64_t portal_settings_number(const struct settings *settings, size_t at);
/* As portal_settings_put() takes it. */
struct str portal_settings_value(const struct settings *settings, size_t at, struct arena *arena);
/* The defaults, for a portal not made yet. */
struct settings portal_settings_default(void);
