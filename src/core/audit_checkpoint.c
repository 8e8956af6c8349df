#include "core/audit_checkpoint.h"

#include "base/encode.h"
#include "base/log.h"
#include "crypto/attest.h"
#include "store/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512, LINE_ARENA_BYTES = 16 * 1024, CHECK_ROWS = 500 };
static const struct str word = {"postern-audit-1", sizeof("postern-audit-1") - 1};
_Static_assert(ATTEST_PUBLIC_BYTES == sizeof(((struct audit_checkpoints *)0)->public_key), "");

struct str audit_checkpoint_path(struct arena *arena, struct str data_dir)
{
	return arena_printf(arena, "%.*s/audit-checkpoints", STR_ARGS(data_dir));
}

static enum err make_seed(const struct portal *portal, struct secret **ret)
{
	return key_derive(portal->row_key, "audit.checkpoint", ret);
}

enum err audit_checkpoint_public(struct cx *cx, struct str *ret)
{
	struct secret *seed CLEANUP_SECRET = NULL;
	uint8_t public_key[ATTEST_PUBLIC_BYTES];
	TRY(make_seed(cx->portal, &seed));
	TRY(attest_public(seed, public_key));
	*ret = encode_base64url(cx->arena, str_bytes(public_key, sizeof(public_key)));
	return OK;
}

/* ---- reading ---- */

/* The last space of a line divides what is signed from the signature. */
static bool split(struct str line, struct str *ret_signed, struct str *ret_signature)
{
	size_t at = line.len;
	while (at > 0 && line.data[at - 1] != ' ')
		at--;
	if (at == 0)
		return false;
	*ret_signed = str_slice(line, 0, at - 1);
	*ret_signature = str_slice(line, at, line.len);
	return true;
}

static bool parse_fields(struct arena *arena, struct str text, struct audit_checkpoint *ret)
{
	struct str first, number, at, chain;
	if (!str_next(&text, ' ', &first) || !str_eq(first, word) ||
	    !str_next(&text, ' ', &number) || !str_to_int(number, &ret->number) ||
	    !str_next(&text, ' ', &at) || !str_to_int(at, &ret->at_ms) ||
	    decode_base64url(arena, text, &chain) != OK || chain.len != DIGEST_BYTES)
		return false;
	memcpy(ret->chain, chain.data, DIGEST_BYTES);
	return true;
}

static enum err parse(const uint8_t *public_key, struct str line, struct audit_checkpoint *ret)
{
	struct arena arena CLEANUP_ARENA;
	struct audit_checkpoint checkpoint;
	struct str text, signature;
	arena_init(&arena, LINE_ARENA_BYTES);
	if (!split(line, &text, &signature) || !parse_fields(&arena, text, &checkpoint) ||
	    decode_base64url(&arena, signature, &signature) != OK)
		return arena.failed ? ERR_UNAVAILABLE : ERR_INVALID;
	if (!attest_check(public_key, text, signature))
		return ERR_CORRUPT;
	*ret = checkpoint;
	return OK;
}

enum err audit_checkpoints_open(struct cx *cx, struct str path, struct audit_checkpoints *ret)
{
	struct secret *seed CLEANUP_SECRET = NULL;
	struct audit_checkpoints checkpoints = {.line = 0};
	TRY(make_seed(cx->portal, &seed));
	TRY(attest_public(seed, checkpoints.public_key));
	checkpoints.file = fopen(arena_cstr(cx->arena, path), "re");
	if (checkpoints.file == NULL)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
	*ret = checkpoints;
	return OK;
}

/* A line that is too long comes in pieces, and none of them is a checkpoint. */
enum err audit_checkpoints_next(struct audit_checkpoints *checkpoints, struct audit_checkpoint *ret)
{
	char bytes[LINE_MAX_BYTES];
	if (fgets(bytes, sizeof(bytes), checkpoints->file) == NULL)
		return ferror((FILE *)checkpoints->file) ? ERR_UNAVAILABLE : ERR_NOT_FOUND;
	struct str line = str_of(bytes);
	checkpoints->line++;
	if (!str_ends_with(line, STR("\n")))
		return ERR_INVALID;
	return parse(checkpoints->public_key, str_slice(line, 0, line.len - 1), ret);
}

void audit_checkpoints_close(struct audit_checkpoints *checkpoints)
{
	if (checkpoints->file)
		fclose(checkpoints->file);
	checkpoints->file = NULL;
}

/* ---- writing ---- */

/* The highest good one; number 0: there is none. */
static enum err find_last(struct cx *cx, struct str path, struct audit_checkpoint *ret)
{
	struct audit_checkpoints checkpoints CLEANUP_CHECKPOINTS = {.file = NULL};
	struct audit_checkpoint one;
	*ret = (struct audit_checkpoint){.number = 0};
	enum err err = audit_checkpoints_open(cx, path, &checkpoints);
	if (err == OK && fseek(checkpoints.file, -4L * LINE_MAX_BYTES, SEEK_END) != 0)
		rewind(checkpoints.file);
	while (err == OK || err == ERR_INVALID || err == ERR_CORRUPT) {
		err = audit_checkpoints_next(&checkpoints, &one);
		if (err == OK && one.number > ret->number)
			*ret = one;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}

/* Nothing is signed that does not follow from what was signed before. *ret is the end. */
static enum err check_since(struct db *db, const struct audit_checkpoint *last,
			    struct audit_checkpoint *ret)
{
	struct audit_checked found = {.last = last->number};
	uint8_t chain[DIGEST_BYTES];
	enum err err = last->number > 0 ? audit_chain(db, last->number, chain) : OK;
	if (err == ERR_NOT_FOUND ||
	    (err == OK && last->number > 0 && memcmp(chain, last->chain, DIGEST_BYTES) != 0))
		return ERR_CORRUPT;
	TRY(err);
	memcpy(ret->chain, last->chain, DIGEST_BYTES);
	for (;;) {
		int64_t before = found.last;
		TRY(audit_check(db, before, CHECK_ROWS, &found));
		if (found.bad > 0)
			return ERR_CORRUPT;
		memcpy(ret->chain, found.chain, DIGEST_BYTES);
		ret->number = found.last;
		if (found.last - before < CHECK_ROWS)
			return OK;
	}
}

static enum err make_line(struct cx *cx, const struct audit_checkpoint *checkpoint, struct str *ret)
{
	struct secret *seed CLEANUP_SECRET = NULL;
	uint8_t signature[ATTEST_BYTES];
	struct str chain = encode_base64url(cx->arena, str_bytes(checkpoint->chain, DIGEST_BYTES));
	struct str text = arena_printf(cx->arena, "%.*s %lld %lld %.*s", STR_ARGS(word),
				       (long long)checkpoint->number, (long long)checkpoint->at_ms,
				       STR_ARGS(chain));
	TRY(make_seed(cx->portal, &seed));
	TRY(attest_sign(seed, text, signature));
	struct str end = encode_base64url(cx->arena, str_bytes(signature, sizeof(signature)));
	*ret = arena_printf(cx->arena, "%.*s %.*s\n", STR_ARGS(text), STR_ARGS(end));
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define CLEANUP_FD __attribute__((cleanup(close_fd)))

static enum err sync_folder_of(struct arena *arena, struct str path)
{
	char *copy = (char *)arena_cstr(arena, path);
	int folder CLEANUP_FD = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder >= 0 && fsync(folder) == 0 ? OK : ERR_UNAVAILABLE;
}

/* A line torn by a power cut stands alone. */
static enum err add_line(struct cx *cx, struct str path, struct str line)
{
	char last = '\n';
	int fd CLEANUP_FD =
		open(arena_cstr(cx->arena, path), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	off_t end = lseek(fd, 0, SEEK_END);
	if (end > 0 && pread(fd, &last, 1, end - 1) != 1)
		return ERR_UNAVAILABLE;
	if (last != '\n')
		line = arena_printf(cx->arena, "\n%.*s", STR_ARGS(line));
	/* In one piece: of several who add to the same file each adds whole lines. */
	if (cx->arena->failed || write(fd, line.data, line.len) != (ssize_t)line.len ||
	    fsync(fd) != 0)
		return ERR_UNAVAILABLE;
	return end == 0 ? sync_folder_of(cx->arena, path) : OK;
}

enum err audit_checkpoint_write(struct cx *cx, struct str path, int64_t *ret_number)
{
	struct audit_checkpoint last, next = {.at_ms = cx_now_ms(cx)};
	struct str line;
	TRY(find_last(cx, path, &last));
	{
		struct db *db CLEANUP_READ = NULL;
		TRY(store_read_begin_long(cx->portal->store, &db));
		enum err err = check_since(db, &last, &next);
		if (err == ERR_CORRUPT)
			log_event(LOG_ERROR, "audit.changed_from_outside",
				  LOG_INT("since", last.number),
				  LOG_CSTR("advice", "postern audit verify"));
		TRY(err);
	}
	*ret_number = 0;
	if (next.number <= last.number)
		return OK;
	TRY(make_line(cx, &next, &line));
	TRY(add_line(cx, path, line));
	*ret_number = next.number;
	return OK;
}
