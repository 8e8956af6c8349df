/* For tests: somebody else's connection to the same database, running whatever SQL they like. This
 * is what an attacker has after one injection. */
#pragma once

#include "base/str.h"

/* Runs SQL text on the database at url. False when it is refused. */
bool store_direct_try(const char *url, const char *sql);
/* The same; ends the program when it is refused. */
void store_direct_run(const char *url, const char *sql);
/* The first value of the first row as text, to be given back with free(); NULL for none. */
char *store_direct_read(const char *url, const char *sql);
/* Somebody who reads for long: on SQLite begins to run a SELECT and stays in it until it is let go.
 * NULL on PostgreSQL, where nobody is in the way. */
void *store_direct_hold(const char *url, const char *sql);
void store_direct_let_go(void *reader);
