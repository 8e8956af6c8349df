#include "mail/smtp_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

/* SMTP_FIXTURE: the path of smtp.mjs, SMTP_PACKAGE: of its npm package; both from meson.build. */
bool smtp_fixture_is_possible(void)
{
	if (access(SMTP_PACKAGE, R_OK) == 0)
		return true;
	print_message("# npm ci was not run: nothing is tested against a real SMTP server\n");
	return false;
}

static void spawn_server(struct smtp_fixture *fixture, const char *mode, int input, int output)
{
	char *arguments[] = {strdup("node"), strdup(SMTP_FIXTURE), strdup(mode),
			     fixture->mails, fixture->certificate, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	assert_int_equal(posix_spawnp(&fixture->pid, "node", &actions, NULL, arguments, environ),
			 0);
	posix_spawn_file_actions_destroy(&actions);
	for (int i = 0; i < 3; i++)
		free(arguments[i]);
}

void smtp_fixture_start(struct smtp_fixture *fixture, const char *mode)
{
	int input[2], output[2];
	*fixture = (struct smtp_fixture){.folder = "/tmp/postern-smtp-XXXXXX"};
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->mails, sizeof(fixture->mails), "%s/mails.json", fixture->folder);
	snprintf(fixture->certificate, sizeof(fixture->certificate), "%s/certificate.pem",
		 fixture->folder);
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	spawn_server(fixture, mode, input[0], output[1]);
	close(input[0]);
	close(output[1]);
	fixture->input = input[1];
	FILE *answer = fdopen(output[0], "r");
	assert_non_null(answer);
	assert_int_equal(fscanf(answer, "%d", &fixture->port), 1);
	fclose(answer);
}

json_t *smtp_fixture_mails(const struct smtp_fixture *fixture)
{
	json_t *mails = json_array();
	FILE *file = fopen(fixture->mails, "r");
	while (file) {
		json_t *mail = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL);
		if (mail == NULL)
			break;
		json_array_append_new(mails, mail);
	}
	if (file)
		fclose(file);
	return mails;
}

void smtp_fixture_stop(struct smtp_fixture *fixture)
{
	int status;
	close(fixture->input);
	assert_int_equal(waitpid(fixture->pid, &status, 0), fixture->pid);
	unlink(fixture->mails);
	unlink(fixture->certificate);
	rmdir(fixture->folder);
}
