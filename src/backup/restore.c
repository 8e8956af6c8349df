#include "backup/restore.h"

#include "backup/restore_folder.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/backup_last.h"
#include "core/expire.h"
#include "core/master_key.h"
#include "store/blob.h"
#include "store/dump.h"
#include "store/mails.h"
#include "store/schema.h"
#include "store/ways_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 64 << 20, CONNECTIONS = 2 };

struct restoring {
	const struct restore_options *options;
	struct arena *arena;
	struct restore_report *report;
	struct master_key master;
	struct secret *key; /* of the archive */
	struct archive_reader *archive;
	struct archive_label label;
	struct restore_folder folder;
	struct load *load;
	struct blobs *blobs;
	struct blob_put *put;
	bool is_checking;
};

static enum err fail(struct restoring *restoring, enum restore_failure failure, enum err err)
{
	restoring->report->failure = failure;
	return err;
}

/* ---- the archive and its key ---- */

static struct str key_path(const struct restoring *restoring)
{
	const char *set = getenv("POSTERN_MASTER_KEY_FILE");
	if (restoring->options->key_path.len > 0)
		return restoring->options->key_path;
	return set ? str_of(set) : STR("");
}

static enum err read_key(struct restoring *restoring)
{
	struct secret *row_key CLEANUP_SECRET = NULL;
	struct str path = key_path(restoring);
	enum err err = path.len == 0 ? ERR_NOT_FOUND : master_key_read(path, &restoring->master);
	if (err == ERR_NOT_FOUND)
		return fail(restoring, RESTORE_NO_KEY, err);
	if (err == ERR_DENIED)
		return fail(restoring, RESTORE_KEY_READABLE, err);
	if (err != OK)
		return fail(restoring, RESTORE_KEY_BAD, err);
	TRY(key_derive(restoring->master.key, "rows", &row_key));
	return archive_key(row_key, &restoring->key);
}

static enum err open_archive(struct restoring *restoring)
{
	enum err err = archive_open(restoring->options->from, restoring->arena, &restoring->archive,
				    &restoring->label);
	if (err == ERR_NOT_FOUND)
		return fail(restoring, RESTORE_NO_FILE, err);
	if (err == ERR_INVALID)
		return fail(restoring, RESTORE_NO_BACKUP, err);
	TRY(err);
	restoring->report->at_ms = restoring->label.at_ms;
	restoring->report->name = restoring->label.name;
	TRY(read_key(restoring));
	if (!str_eq(restoring->label.portal_public,
		    str_bytes(restoring->master.portal_public, PUBLIC_KEY_BYTES)))
		return fail(restoring, RESTORE_KEY_WRONG, ERR_DENIED);
	if (restoring->label.schema > (int64_t)schema_migration_count)
		return fail(restoring, RESTORE_TOO_NEW, ERR_INVALID);
	return OK;
}

static void say_progress(void *argument, int64_t bytes, int64_t total)
{
	const struct restoring *restoring = argument;
	const struct restore_options *options = restoring->options;
	if (options->progress)
		options->progress(options->argument, restoring->is_checking, bytes, total);
}

static enum err check_nothing(void *argument, struct str bytes)
{
	(void)argument, (void)bytes;
	return OK;
}

static enum err check_blob(void *argument, const struct id *id)
{
	(void)argument, (void)id;
	return OK;
}

static enum err check_blob_end(void *argument, int64_t bytes)
{
	(void)argument, (void)bytes;
	return OK;
}

static enum err read_archive(struct restoring *restoring, const struct archive_sink *sink)
{
	struct restore_report *report = restoring->report;
	enum err err = archive_read(restoring->archive, restoring->key, sink, &report->counts,
				    &report->where);
	/* The key fits the portal: so the label is not what was written. */
	if (err == ERR_CORRUPT || err == ERR_DENIED)
		return fail(restoring, RESTORE_DAMAGED, ERR_CORRUPT);
	return err;
}

/* Before anything is made of it. */
static enum err check_archive(struct restoring *restoring)
{
	const struct archive_sink sink = {
		.argument = restoring,
		.segment = check_nothing,
		.blob_begin = check_blob,
		.blob_add = check_nothing,
		.blob_end = check_blob_end,
		.progress = say_progress,
	};
	TRY(open_archive(restoring));
	restoring->is_checking = true;
	enum err err = read_archive(restoring, &sink);
	restoring->is_checking = false;
	return err;
}

/* ---- taking it in ---- */

static enum err take_segment(void *argument, struct str bytes)
{
	return load_segment(((struct restoring *)argument)->load, bytes);
}

static enum err take_blob(void *argument, const struct id *id)
{
	struct restoring *restoring = argument;
	return blob_put_begin(restoring->blobs, id, &restoring->put);
}

static enum err take_piece(void *argument, struct str bytes)
{
	return blob_put_add(((struct restoring *)argument)->put, bytes);
}

static enum err take_blob_end(void *argument, int64_t bytes)
{
	struct restoring *restoring = argument;
	struct blob_put *put = restoring->put;
	restoring->put = NULL;
	return blob_put_commit(put, bytes);
}

static struct str store_url(const struct restoring *restoring)
{
	if (restoring->options->store_url.len > 0)
		return restoring->options->store_url;
	return arena_printf(restoring->arena, "sqlite:%s/postern.db", restoring->folder.unfinished);
}

static enum err open_load(struct restoring *restoring)
{
	struct store_options options = {
		.url = store_url(restoring),
		.max_connections = CONNECTIONS,
		.migrations = schema_migrations,
		.migration_count = (size_t)restoring->label.schema,
	};
	enum err err = load_begin(&options, &restoring->load);
	if (err == ERR_CONFLICT || err == ERR_CORRUPT)
		return fail(restoring, RESTORE_STORE_TAKEN, err);
	if (err == ERR_INVALID)
		return fail(restoring, RESTORE_STORE_BAD, err);
	return err;
}

static enum err take_in(struct restoring *restoring)
{
	const struct archive_sink sink = {
		.argument = restoring,
		.segment = take_segment,
		.blob_begin = take_blob,
		.blob_add = take_piece,
		.blob_end = take_blob_end,
		.progress = say_progress,
	};
	struct str url =
		arena_printf(restoring->arena, "dir:%s/files", restoring->folder.unfinished);
	TRY(open_load(restoring));
	TRY(blobs_open(url, &restoring->blobs));
	TRY(archive_rewind(restoring->archive));
	enum err err = read_archive(restoring, &sink);
	blob_put_abandon(restoring->put);
	restoring->put = NULL;
	return err;
}

static void close_stores(struct restoring *restoring)
{
	load_end(restoring->load);
	restoring->load = NULL;
	blobs_close(restoring->blobs);
	restoring->blobs = NULL;
}

/* Where the environment says where it is, it lies there already. */
static enum err put_key(struct restoring *restoring)
{
	const char *set = getenv("POSTERN_MASTER_KEY_FILE");
	if (set && *set)
		return OK;
	struct str path =
		arena_printf(restoring->arena, "%s/master.key", restoring->folder.unfinished);
	TRY(master_key_write_new(path, &restoring->master));
	return master_key_adopt(path);
}

/* ---- what must not come back with it ---- */

struct ending {
	struct restoring *restoring;
	struct cx *cx;
};

static enum err write_ends(struct db *db, void *argument)
{
	const struct ending *ending = argument;
	const struct restoring *restoring = ending->restoring;
	struct restore_report *report = restoring->report;
	TRY(ways_in_end_sessions(db, &report->sessions));
	report->mails = 0;
	if (!restoring->options->keeps_queue)
		TRY(mails_end_queued(db, &report->mails));
	return backup_restored(ending->cx, db, report->at_ms, report->destroyed.keys);
}

/* What has expired since. */
static enum err expire(struct cx *cx)
{
	size_t count;
	do {
		struct arena arena CLEANUP_ARENA;
		struct cx own = *cx;
		size_t files;
		arena_init(&arena, ARENA_BYTES);
		own.arena = &arena;
		TRY(expire_sweep(&own, &count));
		TRY(expire_sweep_files(&own, &files));
		count += files;
	} while (count > 0);
	return OK;
}

/* ---- keys that were destroyed since ---- */

enum { MARGIN_MS = DAY_MS, COPY_BYTES = 64 * 1024 };

/* Where none is named: beside the key, as in the data folder of the old portal. */
static const char *find_journal(const struct restoring *restoring)
{
	const struct restore_options *options = restoring->options;
	struct str key = key_path(restoring), path = options->destructions;
	if (options->ignores_destructions)
		return NULL;
	if (path.len > 0)
		return arena_cstr(restoring->arena, path);
	while (key.len > 0 && key.data[key.len - 1] != '/')
		key = str_slice(key, 0, key.len - 1);
	const char *beside =
		arena_cstr(restoring->arena,
			   arena_printf(restoring->arena, "%.*sdestructions.log", STR_ARGS(key)));
	return access(beside, R_OK) == 0 ? beside : NULL;
}

/* So that an older backup, restored later, finds all of it in one file. */
static enum err copy_journal(struct restoring *restoring, const char *from)
{
	const char *to =
		arena_cstr(restoring->arena, arena_printf(restoring->arena, "%s/destructions.log",
							  restoring->folder.unfinished));
	char *room = arena_alloc(restoring->arena, COPY_BYTES);
	FILE *in = fopen(from, "re");
	FILE *out = fopen(to, "wxe");
	bool is_good = room && in && out;
	for (size_t got = 1; is_good && got > 0;) {
		got = fread(room, 1, COPY_BYTES, in);
		is_good = fwrite(room, 1, got, out) == got;
	}
	is_good = is_good && !ferror(in) && fflush(out) == 0 && fsync(fileno(out)) == 0;
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	return is_good ? OK : ERR_UNAVAILABLE;
}

static enum err destroy_again(struct restoring *restoring, struct cx *cx)
{
	struct restore_report *report = restoring->report;
	const char *journal = find_journal(restoring);
	if (journal == NULL)
		return OK;
	if (access(journal, R_OK) != 0)
		return fail(restoring, RESTORE_JOURNAL_MISSING, ERR_NOT_FOUND);
	/* First: what is done again is noted behind it. */
	TRY(copy_journal(restoring, journal));
	enum err err = destroyed_journal_replay(cx, journal, report->at_ms - MARGIN_MS,
						&report->destroyed);
	if (err == ERR_CORRUPT || err == ERR_INVALID)
		return fail(restoring, RESTORE_JOURNAL_BAD, err);
	report->journal = journal;
	return err;
}

static void tell_nobody(void *argument, struct str sentence)
{
	(void)argument, (void)sentence;
}

static enum err mend(struct restoring *restoring, struct portal *portal)
{
	const struct restore_options *options = restoring->options;
	struct cx cx = {
		.arena = restoring->arena, .portal = portal, .language = language_find(STR("en"))};
	struct ending ending = {.restoring = restoring, .cx = &cx};
	TRY(expire(&cx));
	TRY(destroy_again(restoring, &cx));
	TRY(store_transact(portal->store, write_ends, &ending, restoring->arena));
	return check_all(&cx, options->tell ? options->tell : tell_nobody, options->argument,
			 &restoring->report->check);
}

static enum err open_and_mend(struct restoring *restoring)
{
	struct portal *portal;
	struct portal_options options = {
		.data_dir = str_of(restoring->folder.unfinished),
		.store_url = restoring->options->store_url,
		.clock = restoring->options->clock,
		.password_cost = restoring->options->password_cost,
	};
	TRY(put_key(restoring));
	TRY(portal_open(&options, &portal));
	enum err err = mend(restoring, portal);
	portal_close(portal);
	return err;
}

/* ---- */

static enum err make_folder(struct restoring *restoring)
{
	enum err err = restore_folder_make(restoring->arena, restoring->options->data_dir,
					   &restoring->folder);
	if (err == ERR_CONFLICT)
		return fail(restoring, RESTORE_NOT_EMPTY, err);
	if (err == ERR_NOT_FOUND)
		return fail(restoring, RESTORE_NO_FOLDER, err);
	if (err == ERR_BUSY)
		return fail(restoring, RESTORE_BUSY, err);
	return err;
}

static enum err make_portal(struct restoring *restoring)
{
	TRY(make_folder(restoring));
	TRY(check_archive(restoring));
	enum err err = take_in(restoring);
	close_stores(restoring);
	TRY(err);
	TRY(open_and_mend(restoring));
	err = restore_folder_finish(&restoring->folder);
	return err == ERR_CONFLICT ? fail(restoring, RESTORE_NOT_EMPTY, err) : err;
}

static void release(struct restoring *restoring)
{
	close_stores(restoring);
	archive_release(restoring->archive);
	secret_free(restoring->key);
	master_key_release(&restoring->master);
	restore_folder_release(&restoring->folder);
}

enum err restore_check(const struct restore_options *options, struct arena *arena,
		       struct restore_report *ret)
{
	*ret = (struct restore_report){.failure = RESTORE_FAILED_OTHERWISE};
	struct restoring restoring = {
		.options = options, .arena = arena, .report = ret, .folder = {.fd = -1}};
	enum err err = check_archive(&restoring);
	release(&restoring);
	return err;
}

enum err restore_portal(const struct restore_options *options, struct arena *arena,
			struct restore_report *ret)
{
	*ret = (struct restore_report){.failure = RESTORE_FAILED_OTHERWISE};
	struct restoring restoring = {
		.options = options, .arena = arena, .report = ret, .folder = {.fd = -1}};
	enum err err = make_portal(&restoring);
	release(&restoring);
	return err;
}
