#include "core/destroyed_journal.h"

#include "base/buf.h"
#include "base/log.h"
#include "core/people_erase.h"
#include "crypto/digest.h"
#include "store/destroyed.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BATCH = 200,
	BATCH_ARENA_BYTES = 8 << 20,
	LINE_MAX_BYTES = 64 * 1024,
	MAC_DIGITS = 2 * DIGEST_BYTES,
};
static const char heading[] = "postern-destructions 1 ";

/* ---- lines ---- */

static void make_mac(const struct secret *key, struct str before, struct str line,
		     char ret[MAC_DIGITS + 1])
{
	struct mac mac;
	uint8_t digest[DIGEST_BYTES];
	mac_begin(&mac, key, "destroyed.journal");
	mac_str(&mac, before);
	mac_str(&mac, line);
	mac_end(&mac, digest);
	for (int i = 0; i < DIGEST_BYTES; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}

struct appending {
	const struct secret *key;
	char before[MAC_DIGITS + 1]; /* empty: the file is */
	struct buf out;
};

static void add_line(struct appending *appending, struct str line)
{
	make_mac(appending->key, str_of(appending->before), line, appending->before);
	buf_add(&appending->out, line);
	buf_addf(&appending->out, " | %s\n", appending->before);
}

/* ---- appending ---- */

static enum err failed(const char *step)
{
	log_event(LOG_ERROR, "destructions.not_written", LOG_CSTR("step", step),
		  LOG_INT("errno", errno), LOG_CSTR("text", strerror(errno)));
	return ERR_UNAVAILABLE;
}

/* The MAC of the last whole line. What one that was killed began to write is cut off: it still
 * stands in the table. */
static enum err find_last(int fd, struct appending *appending)
{
	char tail[LINE_MAX_BYTES];
	off_t end = lseek(fd, 0, SEEK_END);
	off_t from = end > (off_t)sizeof(tail) ? end - (off_t)sizeof(tail) : 0;
	ssize_t got = end < 0 ? -1 : pread(fd, tail, (size_t)(end - from), from);
	if (got < 0 || got != end - from)
		return failed("read");
	while (got > 0 && tail[got - 1] != '\n')
		got--;
	if (got == 0 && from > 0) {
		errno = EILSEQ;
		return failed("find the last line");
	}
	if (from + got < end && ftruncate(fd, from + got) != 0)
		return failed("truncate");
	if (got > MAC_DIGITS)
		memcpy(appending->before, tail + got - 1 - MAC_DIGITS, MAC_DIGITS);
	return OK;
}

static enum err write_out(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t written = write(fd, bytes.data, bytes.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return failed("write");
		bytes = str_slice(bytes, (size_t)written, bytes.len);
	}
	return fsync(fd) == 0 ? OK : failed("fsync");
}

static enum err sync_folder_of(const char *path)
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return is_synced ? OK : failed("fsync of the folder");
}

static enum err append(struct cx *cx, int fd, const struct destroyed *items, size_t count,
		       struct appending *appending)
{
	const char *path = cx->portal->destructions_path;
	if (flock(fd, LOCK_EX) != 0)
		return failed("lock");
	TRY(find_last(fd, appending));
	bool is_new = appending->before[0] == '\0';
	if (is_new)
		add_line(appending,
			 arena_printf(cx->arena, "%s%lld", heading, (long long)cx_now_ms(cx)));
	for (size_t i = 0; i < count; i++)
		add_line(appending, arena_printf(cx->arena, "%s %.*s", items[i].id.text,
						 STR_ARGS(items[i].content)));
	if (cx->arena->failed || appending->out.err != OK)
		return ERR_UNAVAILABLE;
	TRY(write_out(fd, buf_str(&appending->out)));
	return is_new ? sync_folder_of(path) : OK;
}

static enum err append_items(struct cx *cx, const struct destroyed *items, size_t count)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct appending appending = {.before = ""};
	TRY(key_derive(cx->portal->row_key, "destroyed journal", &key));
	int fd = open(cx->portal->destructions_path,
		      O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed("open");
	appending.key = key;
	buf_init(&appending.out, BATCH_ARENA_BYTES);
	enum err err = append(cx, fd, items, count, &appending);
	buf_release(&appending.out);
	close(fd);
	return err;
}

struct batch {
	struct destroyed *items;
	size_t count;
};

static enum err delete_batch(struct db *db, void *argument)
{
	const struct batch *batch = argument;
	return destroyed_delete(db, batch->items, batch->count);
}

static enum err read_batch(struct cx *cx, struct batch *ret)
{
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return destroyed_list(db, cx->arena, BATCH, &ret->items, &ret->count);
}

static enum err flush_batch(struct cx *cx, size_t *ret_count)
{
	struct batch batch;
	TRY(read_batch(cx, &batch));
	*ret_count = batch.count;
	if (batch.count == 0)
		return OK;
	TRY(append_items(cx, batch.items, batch.count));
	return store_transact(cx->portal->store, delete_batch, &batch, NULL);
}

void destroyed_journal_flush(struct cx *cx)
{
	size_t count = BATCH;
	enum err err = OK;
	while (err == OK && count == BATCH) {
		struct arena arena CLEANUP_ARENA;
		struct cx own = *cx;
		arena_init(&arena, BATCH_ARENA_BYTES);
		own.arena = &arena;
		err = flush_batch(&own, &count);
	}
	if (err != OK)
		log_event(LOG_ERROR, "destructions.written_later", LOG_CSTR("err", err_name(err)));
}

/* ---- doing it again ---- */

struct replaying {
	struct cx *cx;
	FILE *file;
	const struct secret *key;
	struct id since;
	char before[MAC_DIGITS + 1];
	char *line; /* getline() */
	size_t line_room;
	struct decisions *decisions;
	struct destroyed_replay replay;
};

struct again {
	struct arena *arena;
	struct str content;
	int64_t now_ms, keys;
};

static enum err write_again(struct db *db, void *argument)
{
	struct again *again = argument;
	again->keys = 0;
	return destroyed_again(db, again->arena, again->content, again->now_ms, &again->keys);
}

/* In the name of the portal itself. */
static enum err erase_again(struct cx *cx, const struct id *user_id, int64_t *keys)
{
	struct form_errors errors = {.count = 0};
	enum err err = people_erase(cx, user_id, NULL, &errors);
	if (err == ERR_DENIED)
		log_event(LOG_WARN, "destructions.not_erased_again",
			  LOG_STR("user", id_str(user_id)));
	*keys += err == OK;
	return err == ERR_NOT_FOUND || err == ERR_DENIED ? OK : err;
}

static enum err do_again(struct replaying *replaying, const struct id *line, struct str content)
{
	struct arena arena CLEANUP_ARENA;
	struct cx *cx = replaying->cx;
	struct id user_id;
	arena_init(&arena, BATCH_ARENA_BYTES);
	enum err err = decisions_take(replaying->decisions, cx, line, content);
	if (err != ERR_NOT_FOUND)
		return err;
	if (destroyed_is_user(content, &user_id))
		return erase_again(cx, &user_id, &replaying->replay.keys);
	struct again again = {.arena = &arena, .content = content, .now_ms = cx_now_ms(cx)};
	TRY(store_transact(cx->portal->store, write_again, &again, &arena));
	replaying->replay.keys += again.keys;
	return OK;
}

static void note_begin(struct replaying *replaying, struct str line)
{
	int64_t ms;
	if (str_to_int(str_slice(line, sizeof(heading) - 1, line.len), &ms) &&
	    (replaying->replay.begun_ms == 0 || ms < replaying->replay.begun_ms))
		replaying->replay.begun_ms = ms;
}

/* After its MAC was compared. */
static enum err take_content(struct replaying *replaying, struct str line, bool is_check)
{
	struct str word;
	struct id id;
	if (!str_next(&line, ' ', &word) || id_parse(word, &id) != OK)
		return ERR_CORRUPT;
	if (is_check) {
		replaying->replay.lines++;
		if (id_ms(&id) > replaying->replay.last_ms)
			replaying->replay.last_ms = id_ms(&id);
		return OK;
	}
	if (str_compare(id_str(&id), id_str(&replaying->since)) < 0)
		return OK;
	return do_again(replaying, &id, line);
}

static enum err take_line(struct replaying *replaying, struct str line, bool is_check)
{
	enum { TAIL = 3 + MAC_DIGITS };
	char mac[MAC_DIGITS + 1] = "";
	if (line.len < TAIL || line.len > LINE_MAX_BYTES)
		return ERR_CORRUPT;
	struct str tail = str_slice(line, line.len - TAIL, line.len);
	line = str_slice(line, 0, line.len - TAIL);
	bool is_heading = str_starts_with(line, str_of(heading));
	if (is_heading)
		replaying->before[0] = '\0';
	else if (replaying->before[0] == '\0')
		return ERR_CORRUPT;
	make_mac(replaying->key, str_of(replaying->before), line, mac);
	memcpy(replaying->before, mac, sizeof(mac));
	if (!str_eq(str_slice(tail, 0, 3), STR(" | ")) ||
	    !digest_eq(str_slice(tail, 3, tail.len), str_of(mac)))
		return ERR_CORRUPT;
	if (!is_heading)
		return take_content(replaying, line, is_check);
	note_begin(replaying, line);
	return OK;
}

/* Twice: first whether all of it is what was written. */
static enum err walk(struct replaying *replaying, bool is_check)
{
	ssize_t got;
	rewind(replaying->file);
	replaying->before[0] = '\0';
	while ((got = getline(&replaying->line, &replaying->line_room, replaying->file)) > 0) {
		if (replaying->line[got - 1] != '\n')
			return OK;
		TRY(take_line(replaying, (struct str){replaying->line, (size_t)got - 1}, is_check));
	}
	return ferror(replaying->file) ? ERR_UNAVAILABLE : OK;
}

enum err destroyed_journal_replay(struct cx *cx, const char *path, int64_t since_ms,
				  struct destroyed_replay *ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	struct replaying replaying = {.cx = cx, .since = id_first_at(since_ms)};
	TRY(key_derive(cx->portal->row_key, "destroyed journal", &key));
	replaying.key = key;
	replaying.file = fopen(path, "re");
	if (replaying.file == NULL)
		return errno == ENOENT ? ERR_NOT_FOUND : failed("open");
	enum err err = decisions_new(&replaying.decisions);
	if (err == OK)
		err = walk(&replaying, true);
	if (err == OK)
		err = walk(&replaying, false);
	if (err == OK)
		err = decisions_again(replaying.decisions, cx, &replaying.replay.decisions);
	decisions_free(replaying.decisions);
	fclose(replaying.file);
	free(replaying.line);
	destroyed_journal_flush(cx);
	*ret = replaying.replay;
	return err;
}
