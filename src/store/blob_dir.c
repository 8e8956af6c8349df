#include "store/blob_dir.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum err blob_dir_failed(const char *step)
{
	int code = errno;
	log_event(LOG_ERROR, "blob.failed", LOG_CSTR("step", step), LOG_INT("errno", code),
		  LOG_CSTR("text", strerror(code)));
	errno = code;
	return ERR_UNAVAILABLE;
}

struct blob_dir_name blob_dir_folder_name(int number)
{
	return (struct blob_dir_name){{digits[number / 32], digits[number % 32], '\0'}};
}

int blob_dir_folder_of(const struct id *id)
{
	const char *ab = id->text + ID_CHARS - BLOB_DIR_AB_CHARS;
	return (int)((strchr(digits, ab[0]) - digits) * 32 + (strchr(digits, ab[1]) - digits));
}

int blob_dir_open_folder(const struct blob_dir *dir, int number)
{
	return openat(dir->fd, blob_dir_folder_name(number).text,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static struct blob_dir_name name_of(const struct id *id)
{
	struct blob_dir_name name;
	snprintf(name.text, sizeof(name.text), "%s/%s", id->text + ID_CHARS - BLOB_DIR_AB_CHARS,
		 id->text);
	return name;
}

static enum err sync_parent(const char *path)
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && fsync(fd) == 0;
	enum err err = is_synced ? OK : blob_dir_failed("fsync of the data folder");
	if (fd >= 0)
		close(fd);
	return err;
}

static enum err open_path(const char *path, int *ret_fd)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return blob_dir_failed("mkdir");
	/* Always: who made it may have died before. */
	TRY(sync_parent(path));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return blob_dir_failed("open of the folder");
	*ret_fd = fd;
	return OK;
}

static const struct blob_engine engine;

enum err blob_dir_open(struct str path, struct blobs **ret)
{
	char cpath[PATH_MAX];
	int fd = -1;
	if (path.len == 0 || path.len >= sizeof(cpath) || memchr(path.data, 0, path.len))
		return ERR_INVALID;
	memcpy(cpath, path.data, path.len);
	cpath[path.len] = '\0';
	struct blob_dir *dir = calloc(1, sizeof(*dir));
	if (dir == NULL)
		return ERR_UNAVAILABLE;
	enum err err = open_path(cpath, &fd);
	if (err != OK) {
		free(dir);
		return err;
	}
	dir->blobs.engine = &engine;
	dir->fd = fd;
	pthread_mutex_init(&dir->lock, NULL);
	*ret = &dir->blobs;
	return OK;
}

static void dir_close(struct blobs *blobs)
{
	struct blob_dir *dir = (struct blob_dir *)blobs;
	close(dir->fd);
	pthread_mutex_destroy(&dir->lock);
	free(dir);
}

/* ---- getting and deleting ---- */

static enum err read_all(int fd, int64_t offset, size_t bytes, char *room)
{
	size_t done = 0;
	while (done < bytes) {
		ssize_t got = pread(fd, room + done, bytes - done, offset + (int64_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return blob_dir_failed("read");
		if (got == 0)
			return ERR_CORRUPT;
		done += (size_t)got;
	}
	return OK;
}

static enum err dir_get(struct blobs *blobs, const struct id *id, int64_t offset, size_t bytes,
			void *room)
{
	const struct blob_dir *dir = (const struct blob_dir *)blobs;
	/* O_NONBLOCK: a pipe that somebody put there keeps nobody waiting. */
	int fd = openat(dir->fd, name_of(id).text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : blob_dir_failed("open");
	enum err err = offset < 0 ? ERR_CORRUPT : read_all(fd, offset, bytes, room);
	close(fd);
	return err;
}

/* Without fsync: one that comes back after a power cut is an orphan. */
static enum err dir_delete(struct blobs *blobs, const struct id *id)
{
	const struct blob_dir *dir = (const struct blob_dir *)blobs;
	if (unlinkat(dir->fd, name_of(id).text, 0) == 0 || errno == ENOENT)
		return OK;
	return blob_dir_failed("unlink");
}

static enum err dir_space(struct blobs *blobs, int64_t *ret_bytes, int64_t *ret_free)
{
	const struct blob_dir *dir = (const struct blob_dir *)blobs;
	struct statvfs space;
	if (fstatvfs(dir->fd, &space) != 0)
		return blob_dir_failed("statvfs");
	*ret_bytes = (int64_t)(space.f_blocks * space.f_frsize);
	*ret_free = (int64_t)(space.f_bavail * space.f_frsize);
	return OK;
}

static const struct blob_engine engine = {
	.close = dir_close,
	.put_begin = blob_dir_put_begin,
	.put_add = blob_dir_put_add,
	.put_commit = blob_dir_put_commit,
	.put_abandon = blob_dir_put_abandon,
	.get = dir_get,
	.delete_one = dir_delete,
	.list = blob_dir_list,
	.space = dir_space,
};
