#include "store/db_sqlite.h"

#include "base/log.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_VALUE_BYTES = 64 << 20 };

/* Before the first connection, once per process. Without it every allocation takes one lock for all
 * threads, and savepoints spill to temporary files. */
static void configure_once(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
}

static enum err meaning(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
	case SQLITE_CONSTRAINT_FOREIGNKEY: return ERR_CONFLICT;
	case SQLITE_IOERR_READ:
	case SQLITE_IOERR_SHORT_READ:
	case SQLITE_IOERR_DATA:
	case SQLITE_IOERR_CORRUPTFS: return ERR_CORRUPT;
	}
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return ERR_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return ERR_BUSY;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_NOMEM:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_PROTOCOL:
	case SQLITE_INTERRUPT: return ERR_UNAVAILABLE;
	case SQLITE_TOOBIG: return ERR_TOO_LARGE;
	default: return ERR_INTERNAL;
	}
}

enum err db_sqlite_error(struct db_sqlite *db, int code)
{
	int extended = db->handle ? sqlite3_extended_errcode(db->handle) : code;
	enum err err = meaning(extended != SQLITE_OK ? extended : code);
	if (err != ERR_CONFLICT)
		log_event(err == ERR_CORRUPT ? LOG_ALARM : LOG_ERROR, "store.failed",
			  LOG_CSTR("error", err_name(err)), LOG_INT("code", extended),
			  LOG_CSTR("text", sqlite3_errmsg(db->handle)),
			  LOG_INT("errno", db->handle ? sqlite3_system_errno(db->handle) : 0));
	return err;
}

static enum err execute(struct db *db, const char *sql)
{
	struct db_sqlite *sqlite = (struct db_sqlite *)db;
	int code = sqlite3_exec(sqlite->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? OK : db_sqlite_error(sqlite, code);
}

/* SQL text that came in by a hole must not reach other files or the schema's own tables. */
static void harden(sqlite3 *handle)
{
	sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
}

/* As on PostgreSQL, but that what it gives for where a text is counts bytes: 0: it is not there. */
static void find_text(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	const char *haystack = (const char *)sqlite3_value_text(values[0]);
	const char *needle = (const char *)sqlite3_value_text(values[1]);
	if (haystack == NULL || needle == NULL)
		return; /* NULL */
	sqlite3_result_int64(
		context, 1 + str_find(str_bytes(haystack, (size_t)sqlite3_value_bytes(values[0])),
				      str_bytes(needle, (size_t)sqlite3_value_bytes(values[1]))));
}

static enum err add_functions(struct db_sqlite *db)
{
	int code = sqlite3_create_function_v2(db->handle, "strpos", 2,
					      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
					      NULL, find_text, NULL, NULL, NULL);
	return code == SQLITE_OK ? OK : db_sqlite_error(db, code);
}

/* LIKE tells cases apart, as on PostgreSQL. Only the writer looks after the WAL. No mmap but
 * for scans: a read error would be a signal instead of an answer. */
static enum err configure(struct db_sqlite *db, bool is_writer, bool is_unsafe)
{
	harden(db->handle);
	sqlite3_busy_timeout(db->handle, DB_SQLITE_BUSY_WAIT_MS);
	TRY(add_functions(db));
	TRY(execute(&db->db,
		    "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
		    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;"
		    "PRAGMA case_sensitive_like=ON; PRAGMA mmap_size=0; PRAGMA cache_size=-2000;"));
	TRY(execute(&db->db, is_unsafe ? "PRAGMA synchronous=OFF" : "PRAGMA synchronous=FULL"));
	if (is_writer)
		return execute(&db->db,
			       "PRAGMA journal_size_limit=16777216; PRAGMA cache_size=-4000;");
	return execute(&db->db, "PRAGMA query_only=ON");
}

enum err db_sqlite_connect(struct db_sqlite_store *store, bool is_writer, struct db_sqlite **ret)
{
	struct db_sqlite *db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ERR_UNAVAILABLE;
	db->db = (struct db){.engine = &db_sqlite_engine, .store = &store->store};
	int code = sqlite3_open_v2(
		store->path, &db->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	enum err err = code == SQLITE_OK ? configure(db, is_writer, store->is_unsafe)
					 : db_sqlite_error(db, code);
	if (err != OK) {
		db_sqlite_disconnect(db);
		return err;
	}
	*ret = db;
	return OK;
}

void db_sqlite_disconnect(struct db_sqlite *db)
{
	db_sqlite_statement_release(db);
	sqlite3_close(db->handle);
	free(db);
}

/* The file's name is on disk before anything in it is promised. */
static enum err sync_folder_of(const char *path)
{
	char *copy = strdup(path);
	if (copy == NULL)
		return ERR_UNAVAILABLE;
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	int result = fsync(fd);
	close(fd);
	return result == 0 ? OK : ERR_UNAVAILABLE;
}

/* SQLite gives its WAL the permissions of the database, so the database must be private first. */
static enum err make_private_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_event(LOG_ERROR, "store.cannot_open", LOG_CSTR("path", path),
			  LOG_CSTR("error", strerror(errno)));
		return ERR_UNAVAILABLE;
	}
	/* Only a file of our own: never the mode of a device that somebody named. */
	struct stat info;
	bool is_private = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && fchmod(fd, 0600) == 0;
	close(fd);
	return is_private ? sync_folder_of(path) : ERR_UNAVAILABLE;
}

static enum err open_writer(struct db_sqlite_store *store, const struct store_options *options)
{
	struct db_sqlite *db;
	TRY(make_private_file(store->path));
	TRY(db_sqlite_connect(store, true, &db));
	enum err err = migrate_apply(&db->db, options->migrations, options->migration_count);
	if (err == OK)
		err = db_sqlite_writer_start(db, &store->writer);
	if (err != OK)
		db_sqlite_disconnect(db);
	return err;
}

static void release(struct db_sqlite_store *store)
{
	free(store->path);
	free(store);
}

static enum err open_store(const struct store_options *options, struct store **ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, configure_once);
	struct str path = str_slice(options->url, strlen("sqlite:"), options->url.len);
	if (path.len == 0)
		return ERR_INVALID;
	struct db_sqlite_store *store = calloc(1, sizeof(*store));
	if (store == NULL)
		return ERR_UNAVAILABLE;
	store->store.engine = &db_sqlite_engine;
	store->is_unsafe = options->is_unsafe;
	store->path = strndup(path.data, path.len);
	enum err err = store->path ? open_writer(store, options) : ERR_UNAVAILABLE;
	if (err != OK) {
		release(store);
		return err;
	}
	db_pool_init(&store->store.pool, options->max_connections);
	db_pool_init(&store->store.scans, options->max_connections);
	*ret = &store->store;
	return OK;
}

static void close_store(struct store *base)
{
	struct db_sqlite_store *store = (struct db_sqlite_store *)base;
	db_pool_release(&store->store.pool);
	db_pool_release(&store->store.scans);
	/* Last, so that closing it leaves no WAL behind. */
	db_sqlite_writer_stop(store->writer);
	release(store);
}

static enum err transact(struct store *store, store_fn *fn, void *argument, struct arena *arena)
{
	return db_sqlite_writer_do(((struct db_sqlite_store *)store)->writer, fn, argument, arena);
}

static enum err forget(struct store *store)
{
	return db_sqlite_writer_do(((struct db_sqlite_store *)store)->writer, NULL, NULL, NULL);
}

static enum err connect_reader(struct store *store, struct db **ret)
{
	struct db_sqlite *db;
	TRY(db_sqlite_connect((struct db_sqlite_store *)store, false, &db));
	*ret = &db->db;
	return OK;
}

static void disconnect(struct db *db)
{
	db_sqlite_disconnect((struct db_sqlite *)db);
}

static bool is_reusable(struct db *db)
{
	(void)db;
	return true;
}

static enum err begin(struct db *db)
{
	return execute(db, "BEGIN IMMEDIATE");
}

static enum err commit(struct db *db)
{
	return execute(db, "COMMIT");
}

static void rollback(struct db *db)
{
	/* A full disk may have ended the transaction already. */
	if (!sqlite3_get_autocommit(((struct db_sqlite *)db)->handle) &&
	    execute(db, "ROLLBACK") != OK)
		log_event(LOG_ERROR, "store.rollback_failed");
}

/* BEGIN IMMEDIATE is lock enough. */
static enum err lock_schema(struct db *db)
{
	(void)db;
	return OK;
}

static void unlock_schema(struct db *db)
{
	(void)db;
}

/* Otherwise each statement takes and leaves the lock of the WAL: two system calls. */
static enum err begin_snapshot(struct db *db)
{
	int64_t changes;
	return db_sqlite_statement_run(db, "BEGIN", NULL, 0, &changes);
}

static void end_snapshot(struct db *db)
{
	int64_t changes;
	bool is_running = !sqlite3_get_autocommit(((struct db_sqlite *)db)->handle);
	if (is_running && db_sqlite_statement_run(db, "COMMIT", NULL, 0, &changes) != OK)
		rollback(db);
}

/* Without it a page of the file costs a system call and a copy; what is there beyond 2 GiB is read
 * that way. */
static enum err map(struct db *db)
{
	return execute(db, "PRAGMA mmap_size=2147418112");
}

/* The moment is that of the first statement. */
static enum err begin_dump(struct db *db)
{
	return execute(db, "BEGIN; SELECT COUNT(*) FROM sqlite_master");
}

const struct engine db_sqlite_engine = {
	.blob_word = "BLOB",
	.strict_word = " STRICT",
	.small_word = " STRICT, WITHOUT ROWID",
	.integer_word = "INTEGER",
	.tables_sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
		      "'sqlite%' AND name <> 'schema_migration' ORDER BY rowid",
	.columns_sql = "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid",
	.size_sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
	.open = open_store,
	.close = close_store,
	.transact = transact,
	.forget = forget,
	.connect = connect_reader,
	.disconnect = disconnect,
	.is_reusable = is_reusable,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.execute = execute,
	.lock_schema = lock_schema,
	.unlock_schema = unlock_schema,
	.select = db_sqlite_statement_select,
	.next = db_sqlite_statement_next,
	.column = db_sqlite_statement_column,
	.end = db_sqlite_statement_end,
	.begin_snapshot = begin_snapshot,
	.end_snapshot = end_snapshot,
	.begin_dump = begin_dump,
	.map = map,
	.end_all = db_sqlite_statement_end_all,
	.run = db_sqlite_statement_run,
};
