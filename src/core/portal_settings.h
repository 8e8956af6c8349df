/* What is decided once for the whole portal: stored in the database, each value authenticated,
 * defaults here. */
#pragma once

#include "core/portal.h"

/* All of them; strings in the arena. ERR_NOT_FOUND: there is no portal in this database. */
enum err portal_settings_load(struct db *db, struct arena *arena, struct settings *ret) MUST_CHECK;
/* One value by its stored name ("invitation_days"). ERR_INVALID: no such name, or out of range. */
enum err portal_settings_put(struct db *db, const char *name, struct str value) MUST_CHECK;
/* The defaults, for a portal not made yet. */
struct settings portal_settings_default(void);
