#include "store/store_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool store_fixture_has_postgres(void)
{
	return getenv("POSTERN_TEST_POSTGRES") != NULL;
}

static void must(bool is_fine, const char *what)
{
	if (is_fine)
		return;
	fprintf(stderr, "store_fixture: %s failed\n", what);
	exit(1);
}

static void run_on_server(const char *before, const char *schema, const char *after)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "SET client_min_messages = error; %s SCHEMA %s %s", before,
		 schema, after);
	PGconn *connection = PQconnectdb(getenv("POSTERN_TEST_POSTGRES"));
	PGresult *result = PQexec(connection, sql);
	must(PQresultStatus(result) == PGRES_COMMAND_OK, sql);
	PQclear(result);
	PQfinish(connection);
}

static void init_postgres(struct store_fixture *fixture)
{
	const char *url = getenv("POSTERN_TEST_POSTGRES");
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(fixture->schema, sizeof(fixture->schema), "test_%d_%lld", (int)getpid(),
		 (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	run_on_server("CREATE", fixture->schema, "");
	snprintf(fixture->url, sizeof(fixture->url), "%s%coptions=-csearch_path%%3D%s", url,
		 strchr(url, '?') ? '&' : '?', fixture->schema);
}

void store_fixture_init(struct store_fixture *fixture, bool is_postgres)
{
	*fixture = (struct store_fixture){.row_key = {{1, 2, 3}}};
	if (is_postgres) {
		init_postgres(fixture);
		return;
	}
	const char *base = getenv("TMPDIR");
	must(snprintf(fixture->folder, sizeof(fixture->folder), "%s/postern-XXXXXX",
		      base ? base : "/tmp") < (int)sizeof(fixture->folder),
	     "TMPDIR");
	must(mkdtemp(fixture->folder) != NULL, "mkdtemp");
	snprintf(fixture->url, sizeof(fixture->url), "sqlite:%s/portal.db", fixture->folder);
}

enum err store_fixture_open(struct store_fixture *fixture, const struct migration *list,
			    size_t count, int max_connections)
{
	const struct store_options options = {.url = str_of(fixture->url),
					      .max_connections = max_connections,
					      .migrations = list,
					      .migration_count = count};
	return store_open(&options, &fixture->row_key, &fixture->store);
}

static void remove_folder(const char *path)
{
	DIR *folder = opendir(path);
	must(folder != NULL, "opendir");
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(folder), entry->d_name, 0);
	}
	closedir(folder);
	rmdir(path);
}

void store_fixture_release(struct store_fixture *fixture)
{
	store_close(fixture->store);
	fixture->store = NULL;
	if (fixture->schema[0])
		run_on_server("DROP", fixture->schema, "CASCADE");
	else
		remove_folder(fixture->folder);
}
