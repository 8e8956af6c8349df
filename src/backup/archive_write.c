#include "backup/archive_text.h"
#include "backup/ustar.h"
#include "base/log.h"

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

struct archive_writer {
	int fd;
	char path[PATH_MAX];
	char unfinished[PATH_MAX];
	int64_t at_ms;
	int64_t position; /* in the file */
	struct archive_sums sums;
	/* The entry at hand. */
	struct ustar head;
	int64_t begun_at;
	int64_t left;
	int64_t counted_before;
};

static enum err failed(const char *step)
{
	log_event(LOG_ERROR, "backup.write_failed", LOG_CSTR("step", step), LOG_INT("errno", errno),
		  LOG_CSTR("text", strerror(errno)));
	return ERR_UNAVAILABLE;
}

static enum err put(struct archive_writer *writer, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t written = write(writer->fd, bytes.data, bytes.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return failed("write");
		writer->position += written;
		bytes = str_slice(bytes, (size_t)written, bytes.len);
	}
	return OK;
}

static enum err put_head(struct archive_writer *writer, const char *name, int64_t bytes)
{
	uint8_t block[USTAR_BLOCK];
	writer->head = (struct ustar){.bytes = bytes, .at_ms = writer->at_ms};
	snprintf(writer->head.name, sizeof(writer->head.name), "%s", name);
	ustar_write(&writer->head, block);
	return put(writer, str_bytes(block, sizeof(block)));
}

static enum err put_padding(struct archive_writer *writer, int64_t bytes)
{
	static const uint8_t zeros[USTAR_END_BYTES];
	return put(writer, str_bytes(zeros, ustar_padding(bytes)));
}

/* One that is in no manifest. */
static enum err put_entry(struct archive_writer *writer, const char *name, struct str content)
{
	TRY(put_head(writer, name, (int64_t)content.len));
	TRY(put(writer, content));
	return put_padding(writer, (int64_t)content.len);
}

static enum err put_manifest(struct archive_writer *writer)
{
	char name[ARCHIVE_NAME_MAX];
	if (writer->sums.manifest.err != OK)
		return writer->sums.manifest.err;
	snprintf(name, sizeof(name), "manifest/%06lld", (long long)writer->sums.manifests + 1);
	TRY(put_entry(writer, name, buf_str(&writer->sums.manifest)));
	archive_sums_manifest(&writer->sums);
	return OK;
}

static enum err open_file(struct archive_writer *writer)
{
	writer->fd = open(writer->unfinished, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (writer->fd < 0)
		return failed("open");
	if (flock(writer->fd, LOCK_EX | LOCK_NB) != 0) {
		close(writer->fd);
		writer->fd = -1;
		return ERR_BUSY;
	}
	/* What one that was killed has left. */
	return ftruncate(writer->fd, 0) == 0 && fchmod(writer->fd, 0600) == 0 ? OK
									      : failed("truncate");
}

static enum err begin(struct archive_writer *writer, const struct secret *key,
		      const struct archive_label *label)
{
	struct arena arena CLEANUP_ARENA;
	struct str text;
	arena_init(&arena, 64 * 1024);
	TRY(archive_text_label(&arena, key, label, &text));
	TRY(open_file(writer));
	archive_sums_init(&writer->sums, key, text);
	return put_entry(writer, ARCHIVE_LABEL_NAME, text);
}

enum err archive_create(const char *path, const struct secret *key,
			const struct archive_label *label, struct archive_writer **ret)
{
	struct archive_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return ERR_UNAVAILABLE;
	writer->fd = -1;
	writer->at_ms = label->at_ms;
	bool fits = strlen(path) + sizeof(".tmp") <= sizeof(writer->path);
	snprintf(writer->path, sizeof(writer->path), "%s", path);
	snprintf(writer->unfinished, sizeof(writer->unfinished), "%.*s.tmp",
		 (int)sizeof(writer->unfinished) - 5, path);
	enum err err = fits ? begin(writer, key, label) : ERR_INVALID;
	if (err == OK)
		*ret = writer;
	else
		archive_close(writer);
	return err;
}

enum err archive_begin(struct archive_writer *writer, const char *name, int64_t bytes)
{
	writer->begun_at = writer->position;
	writer->left = bytes;
	writer->counted_before = writer->sums.counts.bytes;
	archive_sums_begin(&writer->sums, name);
	return put_head(writer, name, bytes);
}

enum err archive_add(struct archive_writer *writer, struct str piece)
{
	if ((int64_t)piece.len > writer->left)
		return ERR_INTERNAL;
	writer->left -= (int64_t)piece.len;
	archive_sums_add(&writer->sums, piece);
	return put(writer, piece);
}

enum err archive_end(struct archive_writer *writer)
{
	if (writer->left != 0)
		return ERR_INTERNAL;
	TRY(put_padding(writer, writer->head.bytes));
	archive_sums_end(&writer->sums, writer->head.name, writer->head.bytes);
	if (strncmp(writer->head.name, "files/", 6) == 0)
		writer->sums.counts.blobs++;
	else
		writer->sums.counts.segments++;
	return writer->sums.manifest_lines < ARCHIVE_MANIFEST_LINES ? OK : put_manifest(writer);
}

enum err archive_undo(struct archive_writer *writer)
{
	writer->position = writer->begun_at;
	writer->sums.counts.bytes = writer->counted_before;
	if (ftruncate(writer->fd, writer->begun_at) != 0 ||
	    lseek(writer->fd, writer->begun_at, SEEK_SET) < 0)
		return failed("take back");
	return OK;
}

static enum err sync_folder_of(const char *path)
{
	char copy[PATH_MAX];
	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && fsync(fd) == 0;
	enum err err = is_synced ? OK : failed("fsync of the folder");
	if (fd >= 0)
		close(fd);
	return err;
}

enum err archive_finish(struct archive_writer *writer)
{
	static const uint8_t zeros[USTAR_END_BYTES];
	struct buf end CLEANUP_BUF;
	buf_init(&end, ARCHIVE_END_MAX);
	if (writer->sums.manifest_lines > 0)
		TRY(put_manifest(writer));
	archive_sums_finish(&writer->sums, &end);
	if (end.err != OK)
		return end.err;
	TRY(put_entry(writer, ARCHIVE_END_NAME, buf_str(&end)));
	TRY(put(writer, str_bytes(zeros, sizeof(zeros))));
	if (fsync(writer->fd) != 0)
		return failed("fsync");
	if (rename(writer->unfinished, writer->path) != 0)
		return failed("rename");
	close(writer->fd);
	writer->fd = -1;
	return sync_folder_of(writer->path);
}

int64_t archive_bytes(const struct archive_writer *writer)
{
	return writer->position;
}

void archive_close(struct archive_writer *writer)
{
	if (writer == NULL)
		return;
	if (writer->fd >= 0) {
		unlink(writer->unfinished);
		close(writer->fd);
	}
	archive_sums_release(&writer->sums);
	free(writer);
}
