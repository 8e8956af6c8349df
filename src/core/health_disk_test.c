/* A disk that fills up is told of before it is full, and what to do; and one that cannot be asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/statvfs.h>

#include "core/core_test_support.h"
#include "core/health.h"

#define GIB(n) (INT64_C(n) << 30)

/* The linker sends this program's questions here. */
int __wrap_statvfs64(const char *path, struct statvfs *ret);
int __wrap_fstatvfs64(int fd, struct statvfs *ret);

static int64_t disk_bytes, free_bytes; /* 0: nobody answers */

int __wrap_statvfs64(const char *path, struct statvfs *ret)
{
	(void)path;
	enum { BLOCK_BYTES = 4096 };
	*ret = (struct statvfs){.f_frsize = BLOCK_BYTES,
				.f_bsize = BLOCK_BYTES,
				.f_blocks = (fsblkcnt_t)(disk_bytes / BLOCK_BYTES),
				.f_bfree = (fsblkcnt_t)(free_bytes / BLOCK_BYTES),
				.f_bavail = (fsblkcnt_t)(free_bytes / BLOCK_BYTES)};
	return disk_bytes > 0 ? 0 : -1;
}

int __wrap_fstatvfs64(int fd, struct statvfs *ret)
{
	(void)fd;
	return __wrap_statvfs64("", ret);
}

static const struct {
	const char *sentence;
	int64_t disk, free;
	enum health_state state;
} rows[] = {
	{"half of it is free", GIB(100), GIB(50), HEALTH_GOOD},
	{"little of a small one", GIB(100), GIB(8), HEALTH_SOON},
	{"next to nothing", GIB(100), GIB(1), HEALTH_BAD},
	{"nothing at all", GIB(100), 0, HEALTH_BAD},
	{"a hundredth of a very large one is much", GIB(100000), GIB(1000), HEALTH_GOOD},
	{"it cannot be asked", 0, 0, HEALTH_BAD},
};

static void a_disk_that_fills_up_is_told_of(void **state)
{
	struct core_fixture *f = *state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cx cx = core_fixture_cx(f, f->admin);
		struct health_line lines[HEALTH_THINGS];
		disk_bytes = rows[i].disk;
		free_bytes = rows[i].free;
		assert_int_equal(health_read(&cx, 0, lines), OK);
		for (int thing = HEALTH_DATA; thing <= HEALTH_FILES; thing++) {
			const struct health_line *line = &lines[thing];
			bool has_todo = line->todo.len > 0;
			if (line->state != rows[i].state ||
			    has_todo != (line->state != HEALTH_GOOD))
				fail_msg("%s: %s is %s", rows[i].sentence,
					 health_thing_word(line->thing),
					 health_state_word(line->state));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {CORE_TEST(a_disk_that_fills_up_is_told_of)};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
