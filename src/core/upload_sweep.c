/* What is swept away of files: rows and blobs that nobody wants any more. */
#include "base/limits.h"
#include "base/log.h"
#include "core/upload.h"
#include "store/blob.h"
#include "store/message_files.h"

enum { FILE_ARENA_BYTES = 32 << 20, PAGE = 500 };

struct sweeping {
	struct id id;
	int64_t before_ms;
	struct arena *arena;
	struct file_part *parts;
	size_t part_count;
	bool is_deleted;
};

static enum err write_deletion(struct db *db, void *argument)
{
	struct sweeping *sweeping = argument;
	enum err err = files_parts(db, sweeping->arena, &sweeping->id, &sweeping->parts,
				   &sweeping->part_count);
	/* Blobs of one that is damaged are found as orphans. */
	if (err == ERR_CORRUPT)
		sweeping->part_count = 0;
	else
		TRY(err);
	return files_delete_forsaken(db, &sweeping->id, sweeping->before_ms, &sweeping->is_deleted);
}

static void delete_blob(struct cx *cx, const struct id *id)
{
	/* It is an orphan then, and tried again. */
	if (blob_delete(cx->portal->blobs, id) != OK)
		log_event(LOG_WARN, "file.blob_left", LOG_STR("blob", id_str(id)));
}

/* In memory of its own: a file may have many parts. */
static enum err sweep_file(struct cx *cx, const struct id *id, int64_t before_ms)
{
	struct arena arena CLEANUP_ARENA;
	struct sweeping sweeping = {.id = *id, .before_ms = before_ms, .arena = &arena};
	arena_init(&arena, FILE_ARENA_BYTES);
	TRY(store_transact(cx->portal->store, write_deletion, &sweeping, &arena));
	if (!sweeping.is_deleted)
		return OK;
	for (size_t i = 0; i < sweeping.part_count; i++)
		delete_blob(cx, &sweeping.parts[i].blob_id);
	log_event(LOG_INFO, "file.swept", LOG_STR("file", id_str(id)),
		  LOG_INT("parts", (int64_t)sweeping.part_count));
	return OK;
}

static enum err list_loose(struct cx *cx, int64_t before_ms, struct id **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return files_loose(db, cx->arena, before_ms, LIMIT_SWEEP_ROWS, ret, ret_count);
}

enum err upload_sweep(struct cx *cx, size_t *ret_count)
{
	int64_t before_ms = cx_now_ms(cx) - LIMIT_UPLOAD_HOURS * HOUR_MS;
	struct id *ids;
	size_t count;
	TRY(list_loose(cx, before_ms, &ids, &count));
	for (size_t i = 0; i < count; i++)
		TRY(sweep_file(cx, &ids[i], before_ms));
	*ret_count = count;
	return OK;
}

/* ---- orphans ---- */

/* Those of the page that are old enough to be garbage and are named by no row. */
static enum err find_orphans(struct cx *cx, const struct blob_entry *entries, size_t count,
			     struct id ids[PAGE], bool is_orphan[PAGE], size_t *ret_old)
{
	struct db *db CLEANUP_READ = NULL;
	int64_t before_ms = cx_now_ms(cx) - LIMIT_ORPHAN_HOURS * HOUR_MS;
	size_t old = 0;
	for (size_t i = 0; i < count; i++) {
		if (id_ms(&entries[i].id) < before_ms)
			ids[old++] = entries[i].id;
	}
	*ret_old = old;
	if (old == 0)
		return OK;
	TRY(store_read_begin(cx->portal->store, &db));
	return files_find_orphans(db, ids, old, is_orphan);
}

static enum err sweep_page(struct cx *cx, const struct blob_entry *entries, size_t count,
			   size_t *swept)
{
	struct id ids[PAGE];
	bool is_orphan[PAGE];
	size_t old;
	TRY(find_orphans(cx, entries, count, ids, is_orphan, &old));
	for (size_t i = 0; i < old; i++) {
		if (!is_orphan[i])
			continue;
		delete_blob(cx, &ids[i]);
		(*swept)++;
	}
	return OK;
}

enum err upload_sweep_orphans(struct cx *cx, size_t *ret_count)
{
	struct id *after = &cx->portal->swept_blob;
	size_t swept = 0, count = PAGE;
	for (size_t looked = 0; count == PAGE && looked < LIMIT_SWEEP_BLOBS; looked += count) {
		struct arena arena CLEANUP_ARENA;
		struct blob_entry *entries;
		arena_init(&arena, 1 << 20);
		TRY(blob_list(cx->portal->blobs, &arena, after, PAGE, &entries, &count));
		TRY(sweep_page(cx, entries, count, &swept));
		*after = count == PAGE ? entries[count - 1].id : (struct id){""};
	}
	if (swept > 0)
		log_event(LOG_INFO, "file.orphans_swept", LOG_INT("blobs", (int64_t)swept));
	*ret_count = swept;
	return OK;
}
