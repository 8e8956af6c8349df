/* Files, checked: every byte of every part where a key can be had without its owner, else the
 * length of each; no part missing; blobs that nobody knows; rows that name what is not there. */
#include "base/clock.h"
#include "base/limits.h"
#include "core/checking.h"
#include "core/file_head.h"
#include "core/file_key.h"
#include "core/file_parts.h"
#include "core/way_in.h"
#include "crypto/chunks.h"
#include "store/message_files.h"

enum { READERS_TRIED = 20 };

/* ---- a key ---- */

/* A user as the portal can act for them. */
struct acting {
	struct session session;
	struct cx cx;
};

/* ERR_NOT_FOUND: it holds no way in to their key, or that fails its check (told with the user). */
static enum err open_user(struct checking *checking, struct db *db, const struct id *user_id,
			  struct acting *acting)
{
	struct session *session = &acting->session;
	struct way_in way_in;
	acting->cx = *checking->cx;
	acting->cx.arena = &checking->arena;
	acting->cx.session = session;
	TRY(users_by_id(db, &checking->arena, user_id, &session->user));
	TRY(ways_in_newest(db, &checking->arena, user_id, WAY_IN_PORTAL, &way_in));
	TRY(way_in_open_portal(&acting->cx, &way_in, &session->user, &session->private_key));
	return way_in_mailbox_key(session->private_key, &session->mailbox_key);
}

static enum err act_for(struct checking *checking, struct db *db, const struct id *user_id,
			struct acting *acting)
{
	enum err err = open_user(checking, db, user_id, acting);
	return err == ERR_CORRUPT ? ERR_NOT_FOUND : err;
}

static void acting_release(struct acting *acting)
{
	secret_free(acting->session.private_key);
	secret_free(acting->session.mailbox_key);
}
#define CLEANUP_ACTING __attribute__((cleanup(acting_release)))

/* What does not open though it should is told, and is as good as none. */
static enum err opened(struct checking *checking, enum err err, const char *what,
		       const struct id *file_id)
{
	if (err != ERR_CORRUPT)
		return err;
	checking_problem(checking, what, id_str(file_id));
	return ERR_NOT_FOUND;
}

static enum err key_of_owner(struct checking *checking, struct db *db, const struct file *file,
			     struct secret **ret)
{
	struct acting acting CLEANUP_ACTING = {.cx = {.arena = NULL}};
	if (file->owner_wrapped.len == 0)
		return ERR_NOT_FOUND;
	TRY(act_for(checking, db, &file->owner_id, &acting));
	return opened(checking, file_key_open_owner(&acting.cx, file, ret),
		      "The key of a file does not open for its owner", &file->id);
}

static enum err key_of_reader(struct checking *checking, struct db *db,
			      const struct file_delivery *right, struct secret **ret)
{
	struct acting acting CLEANUP_ACTING = {.cx = {.arena = NULL}};
	const struct session *session = &acting.session;
	TRY(act_for(checking, db, &right->user_id, &acting));
	return opened(checking,
		      file_key_open(right, &session->user, session->private_key,
				    session->mailbox_key, ret),
		      "The key of a file does not open for a reader", &right->file_id);
}

/* NULL: none can be had. */
static enum err find_key(struct checking *checking, struct db *db, const struct file *file,
			 struct secret **ret)
{
	struct file_delivery *rights;
	size_t count;
	enum err err = key_of_owner(checking, db, file, ret);
	if (err != ERR_NOT_FOUND)
		return err;
	TRY(file_deliveries_live(db, &checking->arena, &file->id, READERS_TRIED, &rights, &count));
	for (size_t i = 0; i < count; i++) {
		err = key_of_reader(checking, db, &rights[i], ret);
		if (err != ERR_NOT_FOUND)
			return err;
	}
	*ret = NULL;
	return OK;
}

/* ---- the bytes ---- */

struct bytes {
	struct checking *checking;
	struct db *db;
	const struct file *file;
	const struct file_part *parts;
	size_t count;
};

/* Somebody may have deleted it meanwhile. */
static enum err tell(struct bytes *bytes, const struct file_part *part, const char *what)
{
	bool is_orphan;
	TRY(files_find_orphans(bytes->db, &part->blob_id, 1, &is_orphan));
	if (!is_orphan)
		checking_problem(bytes->checking, what, id_str(&bytes->file->id));
	return OK;
}

/* To the byte. *ret_is_fine: it may be read. */
static enum err check_length(struct bytes *bytes, const struct file_part *part, bool *ret_is_fine)
{
	struct blobs *blobs = bytes->checking->cx->portal->blobs;
	int64_t stored = chunks_stored_bytes(part->bytes, part->is_last);
	char byte;
	enum err err = blob_get(blobs, &part->blob_id, stored - 1, 1, &byte);
	*ret_is_fine = err == OK;
	if (err == ERR_NOT_FOUND)
		return tell(bytes, part, "Bytes of a file are missing");
	if (err == ERR_CORRUPT)
		return tell(bytes, part, "A part of a file was cut short");
	TRY(err);
	err = blob_get(blobs, &part->blob_id, stored, 1, &byte);
	if (err == OK)
		return tell(bytes, part, "A part of a file is longer than it was written");
	return err == ERR_CORRUPT || err == ERR_NOT_FOUND ? OK : err;
}

static enum err take_chunk(void *argument, struct str chunk)
{
	(void)argument, (void)chunk;
	return OK;
}

static enum err check_end(struct bytes *bytes, const struct secret *key,
			  const struct file_part *part)
{
	const struct chunk_part place = {
		.file_id = part->file_id, .part_id = part->blob_id, .offset = part->offset};
	int64_t at = chunks_stored_bytes(part->bytes, false);
	struct chunk_reader *reader;
	char tag[CHUNK_TAG_BYTES];
	if (!part->is_last)
		return OK;
	TRY(blob_get(bytes->checking->cx->portal->blobs, &part->blob_id, at, sizeof(tag), tag));
	TRY(chunk_reader_new(key, &place, &reader));
	enum err err = chunk_reader_check_end(reader, part->bytes, str_bytes(tag, sizeof(tag)));
	chunk_reader_free(reader);
	return err;
}

/* Each part by itself, so that one that is damaged does not hide another. */
static enum err check_part(struct bytes *bytes, const struct secret *key,
			   const struct file_part *part)
{
	bool is_fine;
	TRY(check_length(bytes, part, &is_fine));
	if (!is_fine || key == NULL)
		return OK;
	enum err err =
		file_parts_read(bytes->checking->cx->portal->blobs, key, part, 1, take_chunk, NULL);
	if (err == OK)
		err = check_end(bytes, key, part);
	if (err == ERR_CORRUPT || err == ERR_NOT_FOUND)
		return tell(bytes, part, "A file is damaged");
	return err;
}

/* ---- a file ---- */

static enum err open_head(struct checking *checking, const struct file *file,
			  const struct secret *key)
{
	struct cx cx = *checking->cx;
	struct file_head head = {.bytes = 0};
	cx.arena = &checking->arena;
	TRY(file_head_decrypt(&cx, &file->id, key, file->head, &head));
	return file->state == FILE_READY ? file_head_decrypt_digest(&cx, file, key, &head) : OK;
}

static enum err check_head(struct checking *checking, const struct file *file,
			   const struct secret *key)
{
	enum err err = open_head(checking, file, key);
	if (err != ERR_CORRUPT)
		return err;
	checking_problem(checking, "Name or SHA-256 of a file cannot be opened", id_str(&file->id));
	return OK;
}

static enum err check_file(struct checking *checking, struct db *db, const struct file *file)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct file_part *parts;
	size_t count;
	enum err err = files_parts(db, &checking->arena, &file->id, &parts, &count);
	if (err == ERR_CORRUPT)
		checking_problem(checking, "Parts of a file are missing, or were changed",
				 id_str(&file->id));
	if (err != OK)
		return err == ERR_CORRUPT ? OK : err;
	TRY(find_key(checking, db, file, &key));
	if (key)
		TRY(check_head(checking, file, key));
	else
		checking->report.files_unopened++;
	struct bytes bytes = {checking, db, file, parts, count};
	for (size_t i = 0; i < count; i++)
		TRY(check_part(&bytes, key, &parts[i]));
	return OK;
}

static enum err check_all_files(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct arena arena CLEANUP_ARENA;
		struct file *files;
		arena_init(&arena, checking->arena.max_bytes);
		TRY(files_page(db, &arena, CHECKING_PAGE, &page, &files));
		checking_bad(checking, "A file's row was changed or planted from outside",
			     page.bad);
		for (size_t i = 0; i < page.count; i++) {
			TRY(check_file(checking, db, &files[i]));
			arena_release(&checking->arena);
		}
		checking->report.files += (int64_t)page.count;
	} while (!id_is_empty(&page.last));
	return OK;
}

/* ---- what nobody knows ---- */

/* Not yet of a row: one that is being written. */
static enum err count_orphans(struct checking *checking, struct db *db,
			      const struct blob_entry *entries, size_t count)
{
	struct id ids[CHECKING_PAGE];
	bool is_orphan[CHECKING_PAGE];
	size_t old = 0;
	int64_t before_ms = cx_now_ms(checking->cx) - LIMIT_ORPHAN_HOURS * HOUR_MS;
	for (size_t i = 0; i < count; i++) {
		if (id_ms(&entries[i].id) < before_ms)
			ids[old++] = entries[i].id;
	}
	TRY(files_find_orphans(db, ids, old, is_orphan));
	for (size_t i = 0; i < old; i++)
		checking->report.orphans += is_orphan[i];
	return OK;
}

static enum err check_blobs(struct checking *checking, struct db *db)
{
	struct id after = {""};
	size_t count;
	do {
		struct blob_entry *entries;
		TRY(blob_list(checking->cx->portal->blobs, &checking->arena, &after, CHECKING_PAGE,
			      &entries, &count));
		TRY(count_orphans(checking, db, entries, count));
		if (count > 0)
			after = entries[count - 1].id;
		arena_release(&checking->arena);
	} while (count == CHECKING_PAGE);
	return OK;
}

static void tell_stray(struct checking *checking, const char *what, int64_t stray)
{
	if (stray > 0)
		checking_problem(checking, what,
				 arena_printf(&checking->arena, "%lld", (long long)stray));
}

static enum err check_strays(struct checking *checking, struct db *db)
{
	struct file_strays strays;
	TRY(files_count_strays(db, &strays));
	tell_stray(checking, "Files are said to be of a message that is not there",
		   strays.message_files);
	tell_stray(checking, "Rights to files are of messages or files that are not there",
		   strays.rights);
	tell_stray(checking, "Parts are of files that are not there", strays.parts);
	tell_stray(checking, "Files in a library cannot be opened by its owner", strays.library);
	tell_stray(checking, "Files are attached to drafts that are not there", strays.drafts);
	arena_release(&checking->arena);
	return OK;
}

enum err check_files(struct checking *checking, struct db *db)
{
	TRY(check_all_files(checking, db));
	TRY(check_strays(checking, db));
	return check_blobs(checking, db);
}
