/* What is decided once for the whole portal: stored in the database, each value authenticated,
 * defaults here. */
#pragma once

#include "core/portal.h"

/* All of them; strings in the arena. ERR_NOT_FOUND: there is no portal in this database. */
enum err portal_settings_load(struct db *db, struct arena *arena, struct settings *ret) MUST_CHECK;
/* One value by its stored name ("invitation_days"). ERR_INVALID: no such name, or out of range. */
enum err portal_settings_put(struct db *db, const char *name, struct str value) MUST_CHECK;
/* How many there are, and the stored name of each. */
extern const size_t portal_settings_count;
const char *portal_settings_name(size_t at);
/* As portal_settings_put() takes it. */
struct str portal_settings_value(const struct settings *settings, size_t at, struct arena *arena);
/* The defaults, for a portal not made yet. */
struct settings portal_settings_default(void);
