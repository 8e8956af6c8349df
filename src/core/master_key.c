#include "core/master_key.h"

#include "base/clock.h"
#include "base/encode.h"
#include "base/id.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 1024 };

static const char header[] = "# Postern master key. Keep a copy apart from the database and its "
			     "backups: whoever has both\n"
			     "# can open the portal, and without this file nobody can.\n";

struct str master_key_path(struct arena *arena, struct str data_dir)
{
	const char *path = getenv("POSTERN_MASTER_KEY_FILE");
	return path && *path ? str_of(path)
			     : arena_printf(arena, "%.*s/master.key", STR_ARGS(data_dir));
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define CLEANUP_FD __attribute__((cleanup(close_fd)))

static bool find_value(struct str file, struct str key, struct str *ret)
{
	struct str line;
	while (str_next(&file, '\n', &line)) {
		struct str name;
		if (str_starts_with(line, STR("#")) || !str_next(&line, '=', &name))
			continue;
		if (str_eq(str_trim(name), key)) {
			*ret = str_trim(line);
			return true;
		}
	}
	return false;
}

static enum err parse(struct arena *arena, struct str file, struct master_key *ret)
{
	struct str key, public_key;
	if (!find_value(file, STR("key"), &key) ||
	    !find_value(file, STR("portal-public-key"), &public_key) ||
	    decode_base64url(arena, key, &key) != OK ||
	    decode_base64url(arena, public_key, &public_key) != OK || key.len != KEY_BYTES ||
	    public_key.len != PUBLIC_KEY_BYTES)
		return ERR_CORRUPT;
	TRY(secret_copy(key, &ret->key));
	memcpy(ret->portal_public, public_key.data, PUBLIC_KEY_BYTES);
	return OK;
}

enum err master_key_read(struct str path, struct master_key *ret)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 64 * 1024);
	int fd CLEANUP_FD = open(arena_cstr(&arena, path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
	struct stat info;
	if (fstat(fd, &info) != 0)
		return ERR_UNAVAILABLE;
	if (info.st_mode & (S_IRWXG | S_IRWXO)) {
		log_event(
			LOG_ERROR, "master_key.readable_by_others", LOG_STR("path", path),
			LOG_CSTR("advice",
				 "chmod 600, and make a new portal if others may have copied it"));
		return ERR_DENIED;
	}
	char *file = arena_alloc(&arena, FILE_MAX_BYTES);
	ssize_t len = file ? read(fd, file, FILE_MAX_BYTES) : -1;
	if (len < 0)
		return ERR_UNAVAILABLE;
	return parse(&arena, (struct str){file, (size_t)len}, ret);
}

static enum err write_durably(int fd, struct str text)
{
	while (text.len > 0) {
		ssize_t written = write(fd, text.data, text.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return ERR_UNAVAILABLE;
		text = str_slice(text, (size_t)written, text.len);
	}
	return fsync(fd) == 0 ? OK : ERR_UNAVAILABLE;
}

static const char *path_new(struct arena *arena, struct str path)
{
	return arena_cstr(arena, arena_printf(arena, "%.*s.new", STR_ARGS(path)));
}

static enum err sync_folder_of(struct arena *arena, struct str path)
{
	char *copy = (char *)arena_cstr(arena, path);
	int folder CLEANUP_FD = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder >= 0 && fsync(folder) == 0 ? OK : ERR_UNAVAILABLE;
}

static enum err put_aside(struct arena *arena, const char *unfinished)
{
	struct id id = id_new(clock_now_ms(&clock_system));
	const char *aside =
		arena_cstr(arena, arena_printf(arena, "%s.unfinished.%s", unfinished, id.text));
	if (access(unfinished, F_OK) != 0)
		return OK;
	log_event(LOG_INFO, "master_key.unfinished_put_aside", LOG_CSTR("path", aside));
	return rename(unfinished, aside) == 0 ? OK : ERR_UNAVAILABLE;
}

static enum err write_file(struct arena *arena, const char *file, const struct master_key *master)
{
	struct str key = encode_base64url(arena, str_bytes(master->key->bytes, KEY_BYTES));
	struct str public_key =
		encode_base64url(arena, str_bytes(master->portal_public, PUBLIC_KEY_BYTES));
	struct str text = arena_printf(arena, "%skey = %.*s\nportal-public-key = %.*s\n", header,
				       STR_ARGS(key), STR_ARGS(public_key));
	int fd CLEANUP_FD = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == EEXIST ? ERR_CONFLICT : ERR_UNAVAILABLE;
	if (!arena->failed && write_durably(fd, text) == OK)
		return OK;
	unlink(file);
	return ERR_UNAVAILABLE;
}

enum err master_key_write_new(struct str path, const struct master_key *master)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 64 * 1024);
	if (access(arena_cstr(&arena, path), F_OK) == 0)
		return ERR_CONFLICT;
	TRY(put_aside(&arena, path_new(&arena, path)));
	TRY(write_file(&arena, path_new(&arena, path), master));
	return sync_folder_of(&arena, path);
}

enum err master_key_read_new(struct str path, struct master_key *ret)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 64 * 1024);
	return master_key_read(str_of(path_new(&arena, path)), ret);
}

enum err master_key_adopt(struct str path)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 64 * 1024);
	if (rename(path_new(&arena, path), arena_cstr(&arena, path)) != 0)
		return ERR_UNAVAILABLE;
	return sync_folder_of(&arena, path);
}

void master_key_release(struct master_key *master)
{
	if (master == NULL)
		return;
	secret_free(master->key);
	master->key = NULL;
}
