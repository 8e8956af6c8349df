/* Numbered changes of the database's tables, applied once each when a store is opened. */
#pragma once

#include "store/db.h"

/* In the statements {blob} stands for BLOB (SQLite) or BYTEA (PostgreSQL), {strict} for " STRICT"
 * or nothing. Integers are
 * BIGINT, which becomes INTEGER on SQLite: its strict tables know no other word. No DEFERRABLE
 * keys: they would be checked only when the work of others is committed too. */
struct migration {
	int number; /* 1, 2, 3 ... without gaps */
	const char *name;
	const char *const *statements; /* ends with NULL */
};

/* Applies what is missing, each migration in one transaction, under a lock that other processes
 * respect. ERR_CORRUPT when the database has a migration that the list does not know. */
enum err migrate_apply(struct db *db, const struct migration *list, size_t count) MUST_CHECK;
