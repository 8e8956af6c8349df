/* A folder of blobs; with calls of the system that fail or are the last one. */
#include "store/blob.h"

#include "base/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { PIECE = 100 * 1000, SOON = 1700000000 };

/* ---- calls that a test intercepts ---- */

enum plan { PLAN_NONE, PLAN_FAIL, PLAN_DIE };
static enum plan plan;
static _Atomic int calls;
static int planned_call;

/* Whether this call fails; a process that is to die does it instead of the call. */
static bool is_turn(void)
{
	calls++;
	if (plan == PLAN_NONE || calls != planned_call)
		return false;
	if (plan == PLAN_DIE)
		_exit(0);
	errno = ENOSPC;
	return true;
}

int __real_mkdirat(int fd, const char *path, mode_t mode);
int __wrap_mkdirat(int fd, const char *path, mode_t mode);
int __wrap_mkdirat(int fd, const char *path, mode_t mode)
{
	return is_turn() ? -1 : __real_mkdirat(fd, path, mode);
}
ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	/* The log's own lines are none of it; and never more than a bit at once. */
	if (fd <= 2)
		return __real_write(fd, bytes, len);
	return is_turn() ? -1 : __real_write(fd, bytes, len < 65536 ? len : 65536);
}
int __real_ftruncate64(int fd, off_t len);
int __wrap_ftruncate64(int fd, off_t len);
int __wrap_ftruncate64(int fd, off_t len)
{
	return is_turn() ? -1 : __real_ftruncate64(fd, len);
}
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	return is_turn() ? -1 : __real_fsync(fd);
}
int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);
int __wrap_flock(int fd, int operation)
{
	return is_turn() ? -1 : __real_flock(fd, operation);
}
static bool has_renameat2 = true;
int __real_renameat2(int old_fd, const char *old, int fd, const char *path, unsigned flags);
int __wrap_renameat2(int old_fd, const char *old, int fd, const char *path, unsigned flags);
int __wrap_renameat2(int old_fd, const char *old, int fd, const char *path, unsigned flags)
{
	if (!has_renameat2) {
		errno = EINVAL;
		return -1;
	}
	return is_turn() ? -1 : __real_renameat2(old_fd, old, fd, path, flags);
}

/* ---- a folder ---- */

struct folder {
	char base[64];
	char path[80];
	char url[90];
	struct blobs *blobs;
	char bytes[3 * PIECE];
};

static int set_up(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	const char *base = getenv("TMPDIR");
	snprintf(folder->base, sizeof(folder->base), "%s/postern-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(folder->base));
	snprintf(folder->path, sizeof(folder->path), "%s/files", folder->base);
	snprintf(folder->url, sizeof(folder->url), "dir:%s", folder->path);
	random_fill(folder->bytes, sizeof(folder->bytes));
	assert_int_equal(blobs_open(str_of(folder->url), &folder->blobs), OK);
	plan = PLAN_NONE;
	has_renameat2 = true;
	*state = folder;
	return 0;
}

static void remove_tree(const char *path)
{
	char child[512];
	DIR *folder = opendir(path);
	assert_non_null(folder);
	for (struct dirent *item = readdir(folder); item; item = readdir(folder)) {
		if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, item->d_name);
		if (unlink(child) != 0)
			remove_tree(child);
	}
	closedir(folder);
	assert_int_equal(rmdir(path), 0);
}

static int tear_down(void **state)
{
	struct folder *folder = *state;
	blobs_close(folder->blobs);
	remove_tree(folder->base);
	free(folder);
	return 0;
}

static struct str some(const struct folder *folder, size_t len)
{
	return str_bytes(folder->bytes, len);
}

/* Added in pieces, kept to `kept`. */
static enum err put(struct folder *folder, const struct id *id, size_t added, int64_t kept)
{
	struct blob_put *put;
	TRY(blob_put_begin(folder->blobs, id, &put));
	for (size_t at = 0; at < added; at += PIECE) {
		enum err err = blob_put_add(put, str_slice(some(folder, added), at, PIECE));
		if (err != OK) {
			blob_put_abandon(put);
			return err;
		}
	}
	return blob_put_commit(put, kept);
}

static size_t count_listed(struct folder *folder)
{
	struct arena arena CLEANUP_ARENA;
	struct blob_entry *entries;
	size_t count;
	arena_init(&arena, 1 << 20);
	assert_int_equal(blob_list(folder->blobs, &arena, &(struct id){""}, 1000, &entries, &count),
			 OK);
	return count;
}

/* Files below the folder, whatever they are called. */
static int count_files(const char *path)
{
	int count = 0;
	char child[512];
	DIR *folder = opendir(path);
	assert_non_null(folder);
	for (struct dirent *item = readdir(folder); item; item = readdir(folder)) {
		struct stat stat;
		snprintf(child, sizeof(child), "%s/%s", path, item->d_name);
		if (item->d_name[0] == '.' || lstat(child, &stat) != 0)
			continue;
		count += S_ISDIR(stat.st_mode) ? count_files(child) : 1;
	}
	closedir(folder);
	return count;
}

static void check_blob(struct folder *folder, const struct id *id, size_t bytes)
{
	char *back = malloc(bytes + 1);
	assert_int_equal(blob_get(folder->blobs, id, 0, bytes, back), OK);
	assert_memory_equal(back, folder->bytes, bytes);
	assert_int_equal(blob_get(folder->blobs, id, 0, bytes + 1, back), ERR_CORRUPT);
	free(back);
}

/* ---- tests ---- */

static void what_was_put_is_got(void **state)
{
	struct folder *folder = *state;
	static const struct {
		const char *sentence;
		size_t added;
		int64_t kept;
	} cases[] = {
		{"nothing", 0, 0},
		{"a byte", 1, 1},
		{"pieces", 3 * PIECE, 3 * PIECE},
		{"pieces, kept to less", 3 * PIECE, PIECE + 17},
		{"pieces of which nothing is kept", 2 * PIECE, 0},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct id id = id_new(SOON);
		printf("# %s\n", cases[i].sentence);
		assert_int_equal(put(folder, &id, cases[i].added, cases[i].kept), OK);
		check_blob(folder, &id, (size_t)cases[i].kept);
	}
	assert_int_equal(count_listed(folder), COUNT(cases));
	assert_int_equal(count_files(folder->path), COUNT(cases));
}

static void any_range_is_got(void **state)
{
	struct folder *folder = *state;
	const struct {
		int64_t offset;
		size_t bytes;
		enum err expected;
	} cases[] = {
		{0, 10, OK},
		{5, 4, OK},
		{9, 1, OK},
		{10, 0, OK},
		{0, 0, OK},
		{0, 11, ERR_CORRUPT},
		{9, 2, ERR_CORRUPT},
		{10, 1, ERR_CORRUPT},
		{11, 1, ERR_CORRUPT},
		{-1, 1, ERR_CORRUPT},
		{INT64_MAX - 1, 1, ERR_CORRUPT},
	};
	struct id id = id_new(SOON), other = id_new(SOON);
	char back[16];
	assert_int_equal(put(folder, &id, 10, 10), OK);
	for (size_t i = 0; i < COUNT(cases); i++) {
		enum err err = blob_get(folder->blobs, &id, cases[i].offset, cases[i].bytes, back);
		if (err != cases[i].expected)
			fail_msg("%zu: %s", i, err_name(err));
		if (err == OK)
			assert_memory_equal(back, folder->bytes + cases[i].offset, cases[i].bytes);
	}
	assert_int_equal(blob_get(folder->blobs, &other, 0, 1, back), ERR_NOT_FOUND);
	assert_int_equal(blob_get(folder->blobs, &(struct id){""}, 0, 1, back), ERR_NOT_FOUND);
}

static void a_blob_is_seen_when_it_is_whole(void **state)
{
	struct folder *folder = *state;
	struct blob_put *first, *second;
	struct id id = id_new(SOON), left = id_new(SOON);
	char byte;
	assert_int_equal(blob_put_begin(folder->blobs, &id, &first), OK);
	assert_int_equal(blob_put_begin(folder->blobs, &left, &second), OK);
	assert_int_equal(blob_put_add(first, some(folder, 10)), OK);
	assert_int_equal(blob_put_add(second, some(folder, 10)), OK);
	assert_int_equal(blob_get(folder->blobs, &id, 0, 1, &byte), ERR_NOT_FOUND);
	/* Looking does not take it away from who is writing it. */
	assert_int_equal(count_listed(folder), 0);
	assert_int_equal(count_files(folder->path), 2);
	assert_int_equal(blob_put_commit(first, 10), OK);
	blob_put_abandon(second);
	check_blob(folder, &id, 10);
	assert_int_equal(count_files(folder->path), 1);
	blob_put_abandon(NULL);
}

static void nothing_is_replaced(void **state)
{
	struct folder *folder = *state;
	struct id id = id_new(SOON), other = id_new(SOON);
	struct blob_put *twice, *again;
	for (int i = 0; i < 2; i++, id = other) {
		has_renameat2 = i == 0;
		assert_int_equal(put(folder, &id, 20, 20), OK);
		assert_int_equal(put(folder, &id, 10, 10),
				 has_renameat2 ? ERR_CONFLICT : ERR_UNAVAILABLE);
		check_blob(folder, &id, 20);
		assert_int_equal(count_files(folder->path), i + 1);
	}
	other = id_new(SOON);
	assert_int_equal(blob_put_begin(folder->blobs, &other, &twice), OK);
	assert_int_equal(blob_put_begin(folder->blobs, &other, &again), ERR_CONFLICT);
	blob_put_abandon(twice);
	assert_int_equal(blob_put_begin(folder->blobs, &(struct id){""}, &again), ERR_INVALID);
	assert_int_equal(put(folder, &other, 10, 11), ERR_INTERNAL);
	assert_int_equal(put(folder, &other, 10, -1), ERR_INTERNAL);
	assert_int_equal(count_files(folder->path), 2);
}

/* By somebody who can write to the folder. */
static void what_is_no_file_keeps_nobody_waiting(void **state)
{
	struct folder *folder = *state;
	struct id id = id_new(SOON), before = id_new(SOON);
	char path[512], byte;
	memcpy(before.text + ID_CHARS - 2, id.text + ID_CHARS - 2, 2);
	assert_int_equal(put(folder, &before, 10, 10), OK);
	snprintf(path, sizeof(path), "%s/%s/%s", folder->path, id.text + ID_CHARS - 2, id.text);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20);
	assert_int_equal(blob_get(folder->blobs, &id, 0, 1, &byte), ERR_UNAVAILABLE);
	alarm(0);
	assert_int_equal(count_listed(folder), 1);
	check_blob(folder, &before, 10);
}

static void what_is_deleted_is_gone(void **state)
{
	struct folder *folder = *state;
	struct id id = id_new(SOON), other = id_new(SOON);
	char byte;
	assert_int_equal(put(folder, &id, 10, 10), OK);
	assert_int_equal(put(folder, &other, 10, 10), OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(blob_delete(folder->blobs, &id), OK);
	assert_int_equal(blob_delete(folder->blobs, &(struct id){""}), OK);
	assert_int_equal(blob_get(folder->blobs, &id, 0, 1, &byte), ERR_NOT_FOUND);
	check_blob(folder, &other, 10);
}

static void nobody_else_may_look(void **state)
{
	struct folder *folder = *state;
	struct id id = id_new(SOON);
	struct stat stat;
	char path[512];
	mode_t old = umask(0);
	assert_int_equal(put(folder, &id, 1, 1), OK);
	umask(old);
	assert_int_equal(lstat(folder->path, &stat), 0);
	assert_int_equal(stat.st_mode & 07777, 0700);
	snprintf(path, sizeof(path), "%s/%s", folder->path, id.text + ID_CHARS - 2);
	assert_int_equal(lstat(path, &stat), 0);
	assert_int_equal(stat.st_mode & 07777, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", folder->path, id.text + ID_CHARS - 2, id.text);
	assert_int_equal(lstat(path, &stat), 0);
	assert_int_equal(stat.st_mode & 07777, 0600);
}

static void links_are_not_followed(void **state)
{
	struct folder *folder = *state;
	struct id id = id_new(SOON), linked = id;
	char target[512], path[512], byte;
	linked.text[ID_CHARS - 3] = id.text[ID_CHARS - 3] == '0' ? '1' : '0';
	assert_int_equal(put(folder, &id, 10, 10), OK);
	snprintf(target, sizeof(target), "%s/%s/%s", folder->path, id.text + ID_CHARS - 2, id.text);
	snprintf(path, sizeof(path), "%s/%s/%s", folder->path, id.text + ID_CHARS - 2, linked.text);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(blob_get(folder->blobs, &linked, 0, 1, &byte), ERR_UNAVAILABLE);
	assert_int_equal(count_listed(folder), 1);
}

static void a_list_has_pages(void **state)
{
	struct folder *folder = *state;
	enum { BLOBS = 57 };
	static const size_t limits[] = {1, 2, 7, BLOBS, BLOBS + 1};
	struct id ids[BLOBS];
	char path[512];
	for (size_t i = 0; i < BLOBS; i++) {
		ids[i] = id_new((int64_t)(SOON + i % 5));
		if (i % 3) /* several in one folder */
			memcpy(ids[i].text + ID_CHARS - 2, ids[0].text + ID_CHARS - 2, 2);
		assert_int_equal(put(folder, &ids[i], i, (int64_t)i), OK);
	}
	/* What is none is none of it: another name, and one in another's folder. */
	snprintf(path, sizeof(path), "%s/%.2s/lost+found", folder->path,
		 ids[0].text + ID_CHARS - 2);
	assert_int_equal(mkdir(path, 0700), 0);
	struct id stray = id_new(SOON);
	stray.text[ID_CHARS - 1] = ids[0].text[ID_CHARS - 1] == '0' ? '1' : '0';
	snprintf(path, sizeof(path), "%s/%.2s/%.26s", folder->path, ids[0].text + ID_CHARS - 2,
		 stray.text);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	for (size_t k = 0; k < COUNT(limits); k++) {
		struct arena arena CLEANUP_ARENA;
		struct blob_entry *entries;
		struct id after = {""};
		bool is_seen[BLOBS] = {false};
		size_t count, total = 0;
		arena_init(&arena, 1 << 20);
		do {
			assert_int_equal(blob_list(folder->blobs, &arena, &after, limits[k],
						   &entries, &count),
					 OK);
			assert_true(count <= limits[k]);
			for (size_t i = 0; i < count; i++) {
				size_t at = (size_t)entries[i].bytes;
				assert_true(at < BLOBS && !is_seen[at] &&
					    id_eq(&ids[at], &entries[i].id));
				is_seen[at] = true;
				after = entries[i].id;
			}
			total += count;
		} while (count == limits[k]);
		assert_int_equal(total, BLOBS);
	}
}

static void a_missing_or_foreign_folder_is_told(void **state)
{
	struct folder *folder = *state;
	static const char *const invalid[] = {"", "files", "dir:", "s3:bucket"};
	char path[512];
	struct blobs *blobs;
	for (size_t i = 0; i < COUNT(invalid); i++)
		assert_int_equal(blobs_open(str_of(invalid[i]), &blobs), ERR_INVALID);
	snprintf(path, sizeof(path), "dir:%s/absent/files", folder->base);
	assert_int_equal(blobs_open(str_of(path), &blobs), ERR_UNAVAILABLE);
	snprintf(path, sizeof(path), "dir:%s/file", folder->base);
	close(open(path + 4, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(blobs_open(str_of(path), &blobs), ERR_UNAVAILABLE);
	blobs_close(NULL);
}

/* What a put leaves when it did not go well: nothing. */
static void check_untouched(struct folder *folder, const struct id *id, const struct id *before)
{
	char byte;
	assert_int_equal(blob_get(folder->blobs, id, 0, 1, &byte), ERR_NOT_FOUND);
	check_blob(folder, before, 10);
	assert_int_equal(count_files(folder->path), 1);
}

/* Of put() below: mkdir, fsync, lock, six writes, truncate, fsync, rename, fsync. */
enum { PUT_CALLS = 13 };

static struct id id_of_new_folder(int number)
{
	struct id id = id_new(SOON);
	id.text[ID_CHARS - 2] = 'A';
	id.text[ID_CHARS - 1] = (char)(number < 10 ? '0' + number : 'A' + number - 10);
	return id;
}

static void a_full_disk_leaves_nothing(void **state)
{
	struct folder *folder = *state;
	struct id before = id_of_new_folder(0), id;
	assert_int_equal(put(folder, &before, 10, 10), OK);
	for (planned_call = 1;; planned_call++) {
		id = id_of_new_folder(planned_call);
		calls = 0;
		plan = PLAN_FAIL;
		enum err err = put(folder, &id, 3 * PIECE, 2 * PIECE);
		plan = PLAN_NONE;
		if (err == OK)
			break;
		assert_int_equal(err, ERR_UNAVAILABLE);
		check_untouched(folder, &id, &before);
	}
	assert_int_equal(planned_call, PUT_CALLS + 1);
	check_blob(folder, &id, 2 * PIECE);
}

static void a_limit_of_the_system_leaves_nothing(void **state)
{
	struct folder *folder = *state;
	struct id before = id_new(SOON), id = id_new(SOON);
	struct rlimit limit, small;
	assert_int_equal(put(folder, &before, 10, 10), OK);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = PIECE + PIECE / 2;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum err err = put(folder, &id, 3 * PIECE, 3 * PIECE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(err, ERR_UNAVAILABLE);
	check_untouched(folder, &id, &before);
}

static void a_process_that_dies_leaves_nothing(void **state)
{
	struct folder *folder = *state;
	int deaths = 0, whole = 0;
	for (planned_call = 1;; planned_call++) {
		struct id id = id_of_new_folder(planned_call);
		pid_t child = fork();
		if (child == 0) {
			calls = 0;
			plan = PLAN_DIE;
			_exit(put(folder, &id, 3 * PIECE, 2 * PIECE) == OK ? 1 : 2);
		}
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		if (WEXITSTATUS(status) == 1)
			break;
		deaths++;
		/* Unseen, or whole: it died before the last step. */
		char byte;
		bool is_there = blob_get(folder->blobs, &id, 0, 1, &byte) == OK;
		if (is_there) {
			check_blob(folder, &id, 2 * PIECE);
			whole++;
			assert_int_equal(blob_delete(folder->blobs, &id), OK);
		}
		assert_int_equal(count_listed(folder), 0);
		assert_int_equal(count_files(folder->path), 0);
	}
	assert_int_equal(deaths, PUT_CALLS);
	assert_int_equal(whole, 1);
}

enum { THREADS = 4, PUTS = 25 };

static void *put_many(void *argument)
{
	struct folder *folder = argument;
	for (int i = 0; i < PUTS; i++) {
		struct id id = id_new(SOON);
		if (put(folder, &id, 1000, 1000) != OK)
			return folder;
	}
	return NULL;
}

static void many_put_while_others_look(void **state)
{
	struct folder *folder = *state;
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, folder), 0);
	for (int i = 0; i < 20; i++)
		count_listed(folder);
	for (int i = 0; i < THREADS; i++) {
		void *failed;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(count_listed(folder), THREADS * PUTS);
	assert_int_equal(count_files(folder->path), THREADS * PUTS);
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
#define WITH_FOLDER(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(what_was_put_is_got),
		WITH_FOLDER(any_range_is_got),
		WITH_FOLDER(a_blob_is_seen_when_it_is_whole),
		WITH_FOLDER(nothing_is_replaced),
		WITH_FOLDER(what_is_no_file_keeps_nobody_waiting),
		WITH_FOLDER(what_is_deleted_is_gone),
		WITH_FOLDER(nobody_else_may_look),
		WITH_FOLDER(links_are_not_followed),
		WITH_FOLDER(a_list_has_pages),
		WITH_FOLDER(a_missing_or_foreign_folder_is_told),
		WITH_FOLDER(a_full_disk_leaves_nothing),
		WITH_FOLDER(a_limit_of_the_system_leaves_nothing),
		WITH_FOLDER(a_process_that_dies_leaves_nothing),
		WITH_FOLDER(many_put_while_others_look),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
