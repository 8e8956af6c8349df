#include "crypto/secret.h"
#include "store/db.h"
#include "store/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
static const char *const one[] = {"CREATE TABLE t (id BIGINT PRIMARY KEY, body {blob}){strict}",
				  NULL};
static enum err ins(struct db *db, void *a)
{
	(void)a;
	return db_run(db, "INSERT INTO t (id, body) VALUES (?1, ?2)",
		      PARAMS(P_INT(5), P_BLOB(STR("x"))), NULL);
}
int main(void)
{
	struct migration m[] = {{1, "one", one}};
	struct store *s;
	struct secret k = {{0}};
	printf("open %d\n", store_open(&(struct store_options){.url = STR("sqlite:/tmp/w/x.db"),
							       .migrations = m,
							       .migration_count = 1},
				       &k, &s));
	printf("%d\n", store_transact(s, ins, NULL, NULL));
	printf("%d\n", store_transact(s, ins, NULL, NULL));
	printf("%d\n", store_forget(s));
	store_close(s);
	return 0;
}
