/* Putting a blob: see blob_dir.h. */
#include "store/blob_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Writing to the disk begins while more comes in, so that the commit has little to wait for. */
enum { WRITEBACK_BYTES = 8 << 20 };

struct dir_put {
	struct blob_put put;
	struct id id;
	int folder_fd, fd;
	int64_t bytes, written_back;
};

static struct blob_dir_name unfinished_name(const struct id *id)
{
	struct blob_dir_name name;
	snprintf(name.text, sizeof(name.text), "%s" BLOB_DIR_UNFINISHED, id->text);
	return name;
}

/* Makes it, the first time, and sees to it that it stays: somebody may have made it just now who
 * is not as far. */
static enum err make_folder(struct blob_dir *dir, int number)
{
	struct blob_dir_name name = blob_dir_folder_name(number);
	enum err err = OK;
	pthread_mutex_lock(&dir->lock);
	if (!dir->is_durable[number]) {
		if (mkdirat(dir->fd, name.text, 0700) != 0 && errno != EEXIST)
			err = blob_dir_failed("mkdir");
		else if (fsync(dir->fd) != 0)
			err = blob_dir_failed("fsync of the folder");
		dir->is_durable[number] = err == OK;
	}
	pthread_mutex_unlock(&dir->lock);
	return err;
}

static void put_free(struct dir_put *put)
{
	if (put->fd >= 0)
		close(put->fd); /* and lets go of the lock */
	if (put->folder_fd >= 0)
		close(put->folder_fd);
	free(put);
}

/* Who lists may have taken it for one that was left, before it was locked: then it has no name any
 * more. */
static enum err create_locked(struct dir_put *put)
{
	struct blob_dir_name name = unfinished_name(&put->id);
	struct stat stat;
	for (;;) {
		put->fd = openat(put->folder_fd, name.text,
				 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (put->fd < 0)
			return errno == EEXIST ? ERR_CONFLICT : blob_dir_failed("create");
		if (flock(put->fd, LOCK_EX) != 0 || fstat(put->fd, &stat) != 0) {
			enum err err = blob_dir_failed("lock");
			unlinkat(put->folder_fd, name.text, 0);
			return err;
		}
		if (stat.st_nlink > 0)
			return OK;
		close(put->fd);
	}
}

enum err blob_dir_put_begin(struct blobs *blobs, const struct id *id, struct blob_put **ret)
{
	struct blob_dir *dir = (struct blob_dir *)blobs;
	int number = blob_dir_folder_of(id);
	TRY(make_folder(dir, number));
	struct dir_put *put = calloc(1, sizeof(*put));
	if (put == NULL)
		return ERR_UNAVAILABLE;
	put->put.blobs = blobs;
	put->id = *id;
	put->fd = -1;
	put->folder_fd = blob_dir_open_folder(dir, number);
	enum err err =
		put->folder_fd < 0 ? blob_dir_failed("open of a folder") : create_locked(put);
	if (err == OK)
		*ret = &put->put;
	else
		put_free(put);
	return err;
}

static void write_back(struct dir_put *put)
{
	if (put->bytes - put->written_back < WRITEBACK_BYTES)
		return;
	/* Only a hint: the commit waits for all of it. */
	sync_file_range(put->fd, put->written_back, put->bytes - put->written_back,
			SYNC_FILE_RANGE_WRITE);
	put->written_back = put->bytes;
}

enum err blob_dir_put_add(struct blob_put *base, struct str bytes)
{
	struct dir_put *put = (struct dir_put *)base;
	while (bytes.len > 0) {
		ssize_t written = write(put->fd, bytes.data, bytes.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return blob_dir_failed("write");
		put->bytes += written;
		bytes = str_slice(bytes, (size_t)written, bytes.len);
	}
	write_back(put);
	return OK;
}

static void remove_unfinished(struct dir_put *put)
{
	unlinkat(put->folder_fd, unfinished_name(&put->id).text, 0);
}

/* Never in place of another blob. */
static enum err give_name(struct dir_put *put)
{
	struct blob_dir_name old = unfinished_name(&put->id);
	if (renameat2(put->folder_fd, old.text, put->folder_fd, put->id.text, RENAME_NOREPLACE) ==
	    0)
		return OK;
	if (errno == EEXIST)
		return ERR_CONFLICT;
	/* A file system that cannot do it at once; nobody else makes this id. */
	struct stat stat;
	if (errno != EINVAL || fstatat(put->folder_fd, put->id.text, &stat, 0) == 0 ||
	    renameat(put->folder_fd, old.text, put->folder_fd, put->id.text) != 0)
		return blob_dir_failed("rename");
	return OK;
}

static enum err finish(struct dir_put *put, int64_t bytes)
{
	if (bytes < 0 || bytes > put->bytes)
		return ERR_INTERNAL;
	if (bytes < put->bytes && ftruncate(put->fd, bytes) != 0)
		return blob_dir_failed("truncate");
	if (fsync(put->fd) != 0)
		return blob_dir_failed("fsync");
	TRY(give_name(put));
	if (fsync(put->folder_fd) == 0)
		return OK;
	enum err err = blob_dir_failed("fsync of a folder");
	unlinkat(put->folder_fd, put->id.text, 0);
	return err;
}

enum err blob_dir_put_commit(struct blob_put *base, int64_t bytes)
{
	struct dir_put *put = (struct dir_put *)base;
	enum err err = finish(put, bytes);
	if (err != OK)
		remove_unfinished(put);
	put_free(put);
	return err;
}

void blob_dir_put_abandon(struct blob_put *base)
{
	struct dir_put *put = (struct dir_put *)base;
	remove_unfinished(put);
	put_free(put);
}
