/* Runs another program, whose word on what we make counts more than our own. */
#pragma once

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A folder of this test's own, removed with all that is in it at the end. */
static char program_folder[64];

static inline const char *program_path(const char *name)
{
	static char paths[8][128];
	static int next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof(paths[0]), "%s/%s", program_folder, name);
	return path;
}

static inline void program_put(const char *name, struct str bytes)
{
	FILE *file = fopen(program_path(name), "wb");
	if (file == NULL || fwrite(bytes.data, 1, bytes.len, file) != bytes.len || fclose(file))
		abort();
}

/* The file's bytes; the last call's until the next one. */
static inline struct str program_get(const char *name)
{
	static char bytes[1 << 18];
	FILE *file = fopen(program_path(name), "rb");
	if (file == NULL)
		return STR_NONE;
	size_t len = fread(bytes, 1, sizeof(bytes) - 1, file);
	fclose(file);
	bytes[len] = '\0';
	return str_bytes(bytes, len);
}

/* Its exit code; what it says is in the file "said". Arguments until NULL. */
static inline int program_run(const char *const *arguments)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, program_path("said"),
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (posix_spawnp(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ))
		abort();
	posix_spawn_file_actions_destroy(&actions);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define PROGRAM(...) program_run((const char *const[]){__VA_ARGS__, NULL})

/* Fails the test with what the program said. */
#define assert_program(...)                                                                        \
	do {                                                                                       \
		int code_ = PROGRAM(__VA_ARGS__);                                                  \
		if (code_ != 0)                                                                    \
			print_error("%s\n", program_get("said").data);                             \
		assert_int_equal(code_, 0);                                                        \
	} while (0)

static inline int program_begin(void **state)
{
	(void)state;
	snprintf(program_folder, sizeof(program_folder), "/tmp/postern-test-XXXXXX");
	return mkdtemp(program_folder) == NULL;
}

static inline int program_end(void **state)
{
	(void)state;
	return PROGRAM("rm", "-rf", program_folder) != 0;
}
