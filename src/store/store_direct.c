#include "store/store_direct.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 10000 };

static const char sqlite_prefix[] = "sqlite:";

static bool is_sqlite(const char *url)
{
	return strncmp(url, sqlite_prefix, strlen(sqlite_prefix)) == 0;
}

static int keep_first(void *argument, int count, char **values, char **names)
{
	char **first = argument;
	(void)names;
	if (*first == NULL && count > 0 && values[0])
		*first = strdup(values[0]);
	return 0;
}

static bool run_sqlite(const char *url, const char *sql, char **ret_first)
{
	sqlite3 *handle = NULL;
	char *message = NULL;
	bool is_fine = sqlite3_open(url + strlen(sqlite_prefix), &handle) == SQLITE_OK &&
		       sqlite3_busy_timeout(handle, WAIT_MS) == SQLITE_OK &&
		       sqlite3_exec(handle, sql, keep_first, ret_first, &message) == SQLITE_OK;
	if (!is_fine)
		fprintf(stderr, "store_direct: %s: %s\n", sql,
			message ? message : sqlite3_errmsg(handle));
	sqlite3_free(message);
	sqlite3_close(handle);
	return is_fine;
}

static bool run_postgres(PGconn *connection, const char *sql, char **ret_first)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	bool is_fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	if (!is_fine)
		fprintf(stderr, "store_direct: %s: %s", sql, PQerrorMessage(connection));
	if (status == PGRES_TUPLES_OK && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0))
		*ret_first = strdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return is_fine;
}

static bool run_postgres_once(const char *url, const char *sql, char **ret_first)
{
	PGconn *connection = PQconnectdb(url);
	bool is_fine = run_postgres(connection, sql, ret_first);
	PQfinish(connection);
	return is_fine;
}

/* Tests of faults read thousands of times, and a new connection costs ten times what it is asked:
 * it stays until another database is meant. */
static bool run_postgres_again(const char *url, const char *sql, char **ret_first)
{
	static _Thread_local PGconn *kept;
	static _Thread_local char *kept_url;
	if (kept == NULL || strcmp(kept_url, url) != 0 || PQstatus(kept) != CONNECTION_OK) {
		PQfinish(kept);
		free(kept_url);
		kept_url = strdup(url);
		kept = PQconnectdb(url);
	}
	return run_postgres(kept, sql, ret_first);
}

static bool run(const char *url, const char *sql, char **ret_first)
{
	return is_sqlite(url) ? run_sqlite(url, sql, ret_first)
			      : run_postgres_once(url, sql, ret_first);
}

bool store_direct_try(const char *url, const char *sql)
{
	char *first = NULL;
	bool is_fine = run(url, sql, &first);
	free(first);
	return is_fine;
}

void store_direct_run(const char *url, const char *sql)
{
	if (!store_direct_try(url, sql))
		exit(1);
}

char *store_direct_read(const char *url, const char *sql)
{
	char *first = NULL;
	if (!(is_sqlite(url) ? run_sqlite : run_postgres_again)(url, sql, &first))
		exit(1);
	return first;
}

struct reader {
	sqlite3 *handle;
	sqlite3_stmt *statement;
};

void *store_direct_hold(const char *url, const char *sql)
{
	struct reader *reader = is_sqlite(url) ? calloc(1, sizeof(*reader)) : NULL;
	if (reader == NULL)
		return NULL;
	if (sqlite3_open(url + strlen(sqlite_prefix), &reader->handle) != SQLITE_OK ||
	    sqlite3_prepare_v2(reader->handle, sql, -1, &reader->statement, NULL) != SQLITE_OK ||
	    sqlite3_step(reader->statement) != SQLITE_ROW)
		exit(1);
	return reader;
}

void store_direct_let_go(void *argument)
{
	struct reader *reader = argument;
	if (reader == NULL)
		return;
	sqlite3_finalize(reader->statement);
	sqlite3_close(reader->handle);
	free(reader);
}
