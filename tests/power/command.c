#include "power/command.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

enum err command_run(const char *const argv[])
{
	pid_t child;
	int status = 0;
	int failed = posix_spawnp(&child, argv[0], NULL, NULL, (char *const *)argv, environ);
	if (failed) {
		fprintf(stderr, "starting %s: %s\n", argv[0], strerror(failed));
		return ERR_UNAVAILABLE;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return OK;
	fprintf(stderr, "%s did not succeed\n", argv[0]);
	return ERR_UNAVAILABLE;
}
