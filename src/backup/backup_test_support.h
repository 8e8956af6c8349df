/* For the tests of backups: a place for each, and each step as one call. Include after cmocka.h. */
#pragma once

#include "backup/backup.h"
#include "backup/restore.h"
#include "core/core_test_support.h"
#include "store/store_direct.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct backup_test_place {
	char file[96], folder[96], key[96];
};

static inline const char *backup_test_with(char *room, size_t room_bytes, const char *path,
					   const char *ending)
{
	snprintf(room, room_bytes, "%s%s", path, ending);
	return room;
}

static inline void backup_test_append(char path[96], const char *ending)
{
	size_t len = strlen(path);
	snprintf(path + len, 96 - len, "%s", ending);
}

static inline struct backup_test_place backup_test_place(struct core_fixture *f)
{
	struct backup_test_place place;
	snprintf(place.file, sizeof(place.file), "%s/backup", f->folder);
	snprintf(place.folder, sizeof(place.folder), "%s/restored", f->folder);
	snprintf(place.key, sizeof(place.key), "%s/master.key", f->folder);
	return place;
}

static inline enum err backup_test_try(struct core_fixture *f, struct backup_report *ret)
{
	struct backup_test_place place = backup_test_place(f);
	struct cx cx = core_fixture_cx(f, NULL);
	return backup_write(&cx, place.file, NULL, NULL, ret);
}

static inline struct backup_report backup_test_make(struct core_fixture *f)
{
	struct backup_report report;
	assert_int_equal(backup_test_try(f, &report), OK);
	return report;
}

static inline struct str backup_test_read(struct core_fixture *f, const char *path)
{
	struct stat info;
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &info) == 0);
	char *bytes = arena_alloc(&f->arena, (size_t)info.st_size);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, (size_t)info.st_size), info.st_size);
	close(fd);
	return (struct str){bytes, (size_t)info.st_size};
}

static inline void backup_test_print(void *argument, struct str sentence)
{
	(void)argument;
	print_message("# %.*s\n", STR_ARGS(sentence));
}

static inline struct restore_options backup_test_options(struct core_fixture *f,
							 const struct backup_test_place *place)
{
	return (struct restore_options){.from = place->file,
					.data_dir = str_of(place->folder),
					.key_path = str_of(place->key),
					.clock = &f->clock.clock,
					.password_cost = f->options.password_cost,
					.tell = backup_test_print};
}

static inline struct restore_report backup_test_restore(struct core_fixture *f,
							struct str store_url)
{
	struct backup_test_place place = backup_test_place(f);
	struct restore_options options = backup_test_options(f, &place);
	struct restore_report report;
	options.store_url = store_url;
	enum err err = restore_portal(&options, &f->arena, &report);
	if (err != OK)
		fail_msg("not restored: %s, %d", err_name(err), report.failure);
	assert_int_equal(report.check.problems, 0);
	return report;
}

/* The fixture goes on with the restored portal. */
static inline void backup_test_move_in_at(struct core_fixture *f, struct str store_url)
{
	static char folder[96];
	struct backup_test_place place = backup_test_place(f);
	portal_close(f->portal);
	snprintf(folder, sizeof(folder), "%s", place.folder);
	f->options.data_dir = str_of(folder);
	f->options.store_url = store_url;
	assert_int_equal(portal_open(&f->options, &f->portal), OK);
}

static inline void backup_test_move_in(struct core_fixture *f)
{
	backup_test_move_in_at(f, STR_NONE);
}

static inline int64_t backup_test_number(const char *url, const char *sql)
{
	char *text = store_direct_read(url, sql);
	int64_t number = atoll(text);
	free(text);
	return number;
}

static inline void backup_test_put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	assert_int_equal(chmod(path, mode), 0);
}
