/* Listing blobs folder by folder, in each by their ids: see blob_dir.h. */
#include "base/log.h"
#include "store/blob_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct entries {
	struct blob_entry *items; /* malloc */
	size_t count, room;
};

static bool add_entry(struct entries *entries, const struct blob_entry *entry)
{
	if (entries->count == entries->room) {
		size_t room = entries->room ? 2 * entries->room : 256;
		struct blob_entry *items = realloc(entries->items, room * sizeof(*items));
		if (items == NULL)
			return false;
		entries->items = items;
		entries->room = room;
	}
	entries->items[entries->count++] = *entry;
	return true;
}

/* Who writes it has it locked. */
static void remove_if_left(int folder_fd, const char *name)
{
	int fd = openat(folder_fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && unlinkat(folder_fd, name, 0) == 0)
		log_event(LOG_INFO, "blob.unfinished_removed", LOG_CSTR("name", name));
	close(fd);
}

static bool is_unfinished(const char *name)
{
	struct id id;
	struct str text = str_of(name);
	return text.len == ID_CHARS + sizeof(BLOB_DIR_UNFINISHED) - 1 &&
	       str_ends_with(text, STR(BLOB_DIR_UNFINISHED)) &&
	       id_parse(str_slice(text, 0, ID_CHARS), &id) == OK;
}

static enum err read_folder(DIR *folder, int number, const struct id *after,
			    struct entries *entries)
{
	struct dirent *item;
	while ((errno = 0, item = readdir(folder)) != NULL) {
		struct blob_entry entry;
		struct stat stat;
		if (is_unfinished(item->d_name))
			remove_if_left(dirfd(folder), item->d_name);
		if (id_parse(str_of(item->d_name), &entry.id) != OK ||
		    blob_dir_folder_of(&entry.id) != number ||
		    str_compare(id_str(&entry.id), id_str(after)) <= 0 ||
		    fstatat(dirfd(folder), item->d_name, &stat, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(stat.st_mode))
			continue;
		entry.bytes = stat.st_size;
		if (!add_entry(entries, &entry))
			return ERR_UNAVAILABLE;
	}
	return errno == 0 ? OK : blob_dir_failed("readdir");
}

static int compare_entries(const void *left, const void *right)
{
	const struct blob_entry *a = left, *b = right;
	return str_compare(id_str(&a->id), id_str(&b->id));
}

/* Those of one folder behind `after`. */
static enum err list_folder(const struct blob_dir *dir, int number, const struct id *after,
			    struct entries *entries)
{
	int fd = blob_dir_open_folder(dir, number);
	if (fd < 0)
		return errno == ENOENT ? OK : blob_dir_failed("open of a folder");
	DIR *folder = fdopendir(fd);
	if (folder == NULL) {
		close(fd);
		return blob_dir_failed("opendir");
	}
	enum err err = read_folder(folder, number, after, entries);
	closedir(folder);
	if (entries->count > 1)
		qsort(entries->items, entries->count, sizeof(*entries->items), compare_entries);
	return err;
}

static enum err list_folders(const struct blob_dir *dir, const struct id *after, size_t limit,
			     struct blob_entry *items, size_t *ret_count)
{
	static const struct id none;
	int number = id_is_empty(after) ? 0 : blob_dir_folder_of(after);
	size_t count = 0;
	for (; number < BLOB_DIR_FOLDERS && count < limit; number++, after = &none) {
		struct entries entries = {0};
		enum err err = list_folder(dir, number, after, &entries);
		size_t taken = entries.count < limit - count ? entries.count : limit - count;
		if (taken > 0)
			memcpy(items + count, entries.items, taken * sizeof(*items));
		free(entries.items);
		TRY(err);
		count += taken;
	}
	*ret_count = count;
	return OK;
}

enum err blob_dir_list(struct blobs *blobs, struct arena *arena, const struct id *after,
		       size_t limit, struct blob_entry **ret, size_t *ret_count)
{
	struct blob_entry *items = ARENA_ARRAY(arena, limit, struct blob_entry);
	if (items == NULL)
		return ERR_UNAVAILABLE;
	TRY(list_folders((const struct blob_dir *)blobs, after, limit, items, ret_count));
	*ret = items;
	return OK;
}
