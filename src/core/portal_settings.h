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
/* As portal_settings_put() takes it. */
struct str portal_settings_value(const struct settings *settings, size_t at, struct arena *arena);
/* The defaults, for a portal not made yet. */
struct settings portal_settings_default(void);
