#include "backup/restore_folder.h"

#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_FILES = 16 };

static enum err failed(const char *step)
{
	log_event(LOG_ERROR, "restore.failed", LOG_CSTR("step", step), LOG_INT("errno", errno),
		  LOG_CSTR("text", strerror(errno)));
	return ERR_UNAVAILABLE;
}

/* Missing is as good. */
static enum err look_whether_empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *item;
	bool is_empty = true;
	if (folder == NULL)
		return errno == ENOENT ? OK : errno == ENOTDIR ? ERR_CONFLICT : failed("open");
	while ((item = readdir(folder)) != NULL)
		is_empty = is_empty &&
			   (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0);
	closedir(folder);
	return is_empty ? OK : ERR_CONFLICT;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info, (void)kind;
	return place->level == 0 ? 0 : remove(path);
}

/* All that is in it; links are not followed. */
static enum err clear(const char *path)
{
	return nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0
		       ? OK
		       : failed("clear");
}

static enum err open_folder(struct restore_folder *folder)
{
	if (mkdir(folder->unfinished, 0700) != 0 && errno != EEXIST)
		return errno == ENOENT ? ERR_NOT_FOUND : failed("mkdir");
	folder->fd = open(folder->unfinished, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder->fd < 0)
		return failed("open");
	if (flock(folder->fd, LOCK_EX | LOCK_NB) == 0)
		return clear(folder->unfinished);
	close(folder->fd);
	folder->fd = -1;
	return ERR_BUSY;
}

enum err restore_folder_make(struct arena *arena, struct str place, struct restore_folder *ret)
{
	while (place.len > 1 && str_ends_with(place, STR("/")))
		place = str_slice(place, 0, place.len - 1);
	*ret = (struct restore_folder){
		.place = arena_cstr(arena, place),
		.unfinished =
			arena_cstr(arena, arena_printf(arena, "%.*s.restoring", STR_ARGS(place))),
		.fd = -1,
	};
	if (arena->failed)
		return ERR_UNAVAILABLE;
	TRY(look_whether_empty(ret->place));
	return open_folder(ret);
}

enum err restore_folder_finish(struct restore_folder *folder)
{
	char above[4096];
	if (fsync(folder->fd) != 0)
		return failed("fsync");
	/* Over an empty folder it may be renamed; over any other not. */
	if (rename(folder->unfinished, folder->place) != 0)
		return errno == ENOTEMPTY || errno == EEXIST ? ERR_CONFLICT : failed("rename");
	close(folder->fd);
	folder->fd = -1;
	snprintf(above, sizeof(above), "%s", folder->place);
	int fd = open(dirname(above), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err err = fd >= 0 && fsync(fd) == 0 ? OK : failed("fsync of the folder above");
	if (fd >= 0)
		close(fd);
	return err;
}

void restore_folder_release(struct restore_folder *folder)
{
	if (folder->fd < 0)
		return;
	if (clear(folder->unfinished) != OK || rmdir(folder->unfinished) != 0)
		log_event(LOG_WARN, "restore.left_behind", LOG_CSTR("folder", folder->unfinished));
	close(folder->fd);
	folder->fd = -1;
}
