/* For tests: an empty store of either engine. PostgreSQL needs POSTERN_TEST_POSTGRES=postgres://...
 * (tests/postgres start). */
#pragma once

#include "crypto/secret.h"
#include "store/migrate.h"

enum { STORE_FIXTURE_URL_BYTES = 512 };

struct store_fixture {
	char url[STORE_FIXTURE_URL_BYTES];
	char folder[64]; /* SQLite: holds only portal.db */
	char schema[64]; /* PostgreSQL: this test's own, dropped at the end */
	struct secret row_key;
	struct store *store;
};

/* False when POSTERN_TEST_POSTGRES is not set: the caller skips, visibly. */
bool store_fixture_has_postgres(void);
/* A place for one store; opens nothing. Ends the program if that fails. */
void store_fixture_init(struct store_fixture *fixture, bool is_postgres);
enum err store_fixture_open(struct store_fixture *fixture, const struct migration *list,
			    size_t count, int max_connections) MUST_CHECK;
/* Closes the store if it is open and removes everything. */
void store_fixture_release(struct store_fixture *fixture);
