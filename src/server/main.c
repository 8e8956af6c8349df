#include "crypto/secret.h"
#include "server/command.h"
#include "server/options.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct command {
	const char *word;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"init", command_init},       {"serve", command_serve},
	{"user", command_user},       {"setting", command_setting},
	{"check", command_check},     {"certificate", command_certificate},
	{"verify", command_verify},   {"backup", command_backup},
	{"restore", command_restore}, {"audit", command_audit},
};

int main(int argc, char **argv)
{
	/* Whatever is made belongs to the owner alone; a peer that hangs up is an error, not a
	 * signal. */
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (crypto_init() != OK)
		return EXIT_FAILURE;
	const char *word = argc > 1 ? argv[1] : "--help";
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(word, commands[i].word) == 0)
			return commands[i].run(argc - 2, argv + 2);
	if (strcmp(word, "--version") == 0) {
		puts("postern " POSTERN_VERSION);
		return EXIT_SUCCESS;
	}
	if (str_of(word).len > 0 && word[0] != '-') {
		struct arena arena CLEANUP_ARENA;
		arena_init(&arena, 1 << 16);
		COMPLAIN(&arena, TEXT_COMMAND_UNKNOWN, TEXT_ARG("command", str_of(word)));
	}
	options_say(TEXT_COMMAND_USAGE);
	return strcmp(word, "--help") == 0 && argc > 1 ? EXIT_SUCCESS : EXIT_USAGE;
}
