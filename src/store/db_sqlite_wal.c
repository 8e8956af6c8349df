#include "store/db_sqlite.h"

enum {
	/* Copied into the database whenever it has grown by so many pages (4 KiB each): few enough
	   to be done in milliseconds. */
	CHECKPOINT_PAGES = 1000,
	/* A truncating checkpoint waits for readers; meanwhile nobody can write. */
	TRUNCATE_WAIT_MS = 250,
};

static int note_pages(void *argument, sqlite3 *handle, const char *database, int pages)
{
	(void)handle, (void)database;
	((struct db_sqlite_wal *)argument)->pages = pages;
	return SQLITE_OK;
}

void db_sqlite_wal_init(struct db_sqlite_wal *wal, struct db_sqlite *db)
{
	*wal = (struct db_sqlite_wal){.db = db, .checkpoint_at = CHECKPOINT_PAGES};
	sqlite3_wal_hook(db->handle, note_pages, wal);
}

bool db_sqlite_wal_is_due(const struct db_sqlite_wal *wal)
{
	return wal->pages >= wal->checkpoint_at;
}

void db_sqlite_wal_checkpoint(struct db_sqlite_wal *wal)
{
	int pages = 0;
	int copied = 0;
	int code = sqlite3_wal_checkpoint_v2(wal->db->handle, "main", SQLITE_CHECKPOINT_PASSIVE,
					     &pages, &copied);
	if (code != SQLITE_OK && code != SQLITE_BUSY && db_sqlite_error(wal->db, code) != OK)
		pages = wal->pages;
	/* All copied: the next commit starts the WAL from its beginning. Else a reader holds it
	 * back: later. */
	wal->pages = 0;
	wal->checkpoint_at = (copied == pages ? 0 : pages) + CHECKPOINT_PAGES;
}

enum err db_sqlite_wal_truncate(struct db_sqlite_wal *wal)
{
	sqlite3 *handle = wal->db->handle;
	sqlite3_busy_timeout(handle, TRUNCATE_WAIT_MS);
	int code =
		sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(handle, DB_SQLITE_BUSY_WAIT_MS);
	if (code == SQLITE_BUSY)
		return ERR_BUSY;
	if (code != SQLITE_OK)
		return db_sqlite_error(wal->db, code);
	wal->pages = 0;
	return OK;
}
