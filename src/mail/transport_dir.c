#include "mail/transport_dir.h"

#include "base/log.h"
#include "text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct dir {
	struct transport transport; /* first: it is what others hold */
	int folder_fd;
	char *folder;
};

/* Letters hold registration links: for the owner only. */
enum { FOLDER_MODE = 0700, FILE_MODE = 0600, NAME_MAX_BYTES = ID_CHARS + 16 };

static bool write_all(int fd, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t written = write(fd, bytes.data, bytes.len);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		bytes = str_slice(bytes, (size_t)written, bytes.len);
	}
	return true;
}

/* A file that is there is whole, and stays there after a power cut: fsync, rename, fsync of the
 * folder. */
static bool write_file(struct dir *dir, const char *name, const char *temporary, struct str bytes)
{
	int fd = openat(dir->folder_fd, temporary,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return false;
	bool is_written = write_all(fd, bytes) && fsync(fd) == 0;
	is_written = close(fd) == 0 && is_written;
	if (is_written && renameat(dir->folder_fd, temporary, dir->folder_fd, name) == 0)
		return fsync(dir->folder_fd) == 0;
	int error = errno;
	(void)unlinkat(dir->folder_fd, temporary, 0);
	errno = error;
	return false;
}

static void dir_deliver(struct transport *self, const struct letter *letter,
			struct mail_outcome *ret)
{
	struct dir *dir = (struct dir *)self;
	char name[NAME_MAX_BYTES], temporary[NAME_MAX_BYTES], path[PATH_MAX];
	snprintf(name, sizeof(name), "%s.eml", letter->id.text);
	snprintf(temporary, sizeof(temporary), ".%s.tmp", letter->id.text);
	snprintf(path, sizeof(path), "%s/%s", dir->folder, name);
	if (write_file(dir, name, temporary, letter->bytes)) {
		log_event(LOG_INFO, "mail.written", LOG_CSTR("path", path));
		transport_say(ret, OUTBOX_ACCEPTED, false, STR_NONE);
		return;
	}
	log_event(LOG_ERROR, "mail.unwritten", LOG_CSTR("path", path),
		  LOG_CSTR("why", strerror(errno)));
	transport_say(ret, OUTBOX_RETRY, true,
		      text_get(language_find(STR("en")), TEXT_MAIL_REPLY_FOLDER));
}

static void dir_rest(struct transport *self)
{
	(void)self;
}

static void dir_close(struct transport *self)
{
	struct dir *dir = (struct dir *)self;
	close(dir->folder_fd);
	free(dir->folder);
	free(dir);
}

static enum err open_folder(struct dir *dir)
{
	if (mkdir(dir->folder, FOLDER_MODE) != 0 && errno != EEXIST)
		return ERR_UNAVAILABLE;
	dir->folder_fd = open(dir->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir->folder_fd < 0 ? ERR_UNAVAILABLE : OK;
}

enum err transport_dir_open(struct str folder, struct transport **ret)
{
	struct dir *dir = calloc(1, sizeof(*dir));
	if (dir == NULL)
		return ERR_UNAVAILABLE;
	/* A file carries anything, and whoever tries the portal copies the link out of it. */
	dir->transport = (struct transport){.is_8bit_carried = true,
					    .deliver = dir_deliver,
					    .rest = dir_rest,
					    .close = dir_close};
	dir->folder = strndup(folder.data, folder.len);
	enum err err = dir->folder ? open_folder(dir) : ERR_UNAVAILABLE;
	if (err != OK) {
		log_event(LOG_ERROR, "mail.folder", LOG_STR("path", folder),
			  LOG_CSTR("why", strerror(errno)));
		free(dir->folder);
		free(dir);
		return err;
	}
	*ret = &dir->transport;
	return OK;
}
