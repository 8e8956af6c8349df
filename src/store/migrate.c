#include "store/migrate.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/db_engine.h"

#include <string.h>

enum { MIGRATION_MAX_BYTES = 64 * 1024 };

/* Replaces the words that the engines spell differently. */
static void add_statement(struct buf *out, const struct engine *engine, const char *text)
{
	const struct {
		struct str word;
		const char *meaning;
	} words[] = {{STR("{blob}"), engine->blob_word},
		     {STR("{strict}"), engine->strict_word},
		     {STR("{small}"), engine->small_word},
		     {STR("BIGINT"), engine->integer_word}};
	struct str rest = str_of(text);
	while (rest.len > 0) {
		size_t taken = 0;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && taken == 0; i++) {
			if (str_starts_with(rest, words[i].word)) {
				buf_add(out, str_of(words[i].meaning));
				taken = words[i].word.len;
			}
		}
		if (taken == 0) {
			buf_add_char(out, rest.data[0]);
			taken = 1;
		}
		rest = str_slice(rest, taken, rest.len);
	}
	buf_add_char(out, '\0');
}

static enum err execute(struct db *db, const char *text)
{
	struct buf sql CLEANUP_BUF;
	buf_init(&sql, MIGRATION_MAX_BYTES);
	add_statement(&sql, db->engine, text);
	if (sql.err != OK)
		return sql.err;
	return db->engine->execute(db, sql.data);
}

static enum err read_newest(struct db *db, int64_t *ret_number)
{
	return db_select_number(db, "SELECT COALESCE(MAX(number), 0) FROM schema_migration",
				NO_PARAMS, ret_number);
}

/* Inside a transaction: looks again, because another process may have been faster. */
static enum err apply_if_missing(struct db *db, const struct migration *migration)
{
	int64_t newest;
	TRY(read_newest(db, &newest));
	if (newest >= migration->number)
		return OK;
	for (const char *const *statement = migration->statements; *statement; statement++)
		TRY(execute(db, *statement));
	TRY(db_run(db,
		   "INSERT INTO schema_migration (number, name, applied_ms) VALUES (?1, ?2, ?3)",
		   PARAMS(P_INT(migration->number), P_TEXT(str_of(migration->name)),
			  P_INT(clock_now_ms(&clock_system))),
		   NULL));
	log_event(LOG_INFO, "store.migrated", LOG_INT("number", migration->number),
		  LOG_CSTR("name", migration->name));
	return OK;
}

static enum err apply_one(struct db *db, const struct migration *migration)
{
	db->failure = OK;
	TRY(db->engine->begin(db));
	enum err err = apply_if_missing(db, migration);
	if (err == OK)
		err = db->engine->commit(db);
	if (err != OK)
		db->engine->rollback(db);
	return err;
}

static enum err apply_all(struct db *db, const struct migration *list, size_t count)
{
	TRY(execute(db, "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, "
			"name TEXT NOT NULL, applied_ms BIGINT NOT NULL)"));
	int64_t newest;
	TRY(read_newest(db, &newest));
	if (newest > (int64_t)count) {
		log_event(LOG_ERROR, "store.schema_too_new", LOG_INT("database", newest),
			  LOG_INT("program", (int64_t)count));
		return ERR_CORRUPT;
	}
	for (size_t i = (size_t)newest; i < count; i++)
		TRY(apply_one(db, &list[i]));
	return OK;
}

enum err migrate_apply(struct db *db, const struct migration *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].number != (int)i + 1)
			return ERR_INTERNAL;
	}
	TRY(db->engine->lock_schema(db));
	enum err err = apply_all(db, list, count);
	db->engine->unlock_schema(db);
	return err;
}
