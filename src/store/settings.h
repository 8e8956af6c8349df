/* Table settings: named values of the portal, each authenticated. */
#pragma once

#include "store/db.h"

/* ERR_NOT_FOUND: never set. */
enum err settings_get(struct db *db, struct arena *arena, const char *name,
		      struct str *ret_value) MUST_CHECK;
/* Whether there is such a row, authentic or not. */
enum err settings_has(struct db *db, const char *name, bool *ret) MUST_CHECK;
enum err settings_put(struct db *db, const char *name, struct str value) MUST_CHECK;
/* All whose names begin so, but this one. */
enum err settings_delete_others(struct db *db, const char *start, const char *name) MUST_CHECK;
