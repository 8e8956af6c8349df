/* Options of the command line: `--key value`, `--help`, and plain arguments. */
#pragma once

#include "core/portal.h"
#include "server/config.h"
#include "text/text.h"

enum { ARGUMENTS_MAX = 4, OVERRIDES_MAX = 32 };

/* Options of one command besides those of the configuration. */
struct option {
	const char *name; /* without the dashes */
	struct str *value;
	bool *is_given; /* of an option without a value */
};

/* A setting of the configuration, given on the command line. */
struct override {
	struct str key, value;
};

struct command_line {
	struct arena *arena;
	struct str data_dir;
	struct config config; /* DIR/postern.conf, overridden by the options given */
	struct override overrides[OVERRIDES_MAX];
	size_t override_count;
	struct str arguments[ARGUMENTS_MAX];
	size_t argument_count;
	bool wants_help;
};

/* Reads argv (after the command word). options ends with a NULL name. False: a sentence was
 * printed; exit with EXIT_USAGE. */
bool options_read(struct arena *arena, int argc, char **argv, const struct option *options,
		  struct command_line *ret);

/* The same for a command that needs no portal: without --data, nothing is read from any file. */
bool options_read_anywhere(struct arena *arena, int argc, char **argv, const struct option *options,
			   struct command_line *ret);

/* For a command that takes none. False: a sentence was printed; exit with EXIT_USAGE. */
bool options_without_arguments(const struct command_line *line);

/* The configuration as it would be at a start now: the file, overridden by the options given.
 * Errors are config_load()'s, with a sentence. */
enum err options_config(const struct command_line *line, struct arena *arena, struct config *ret,
			struct str *ret_message) MUST_CHECK;

enum { EXIT_USAGE = 2 };

/* Prints a sentence of the catalogue on standard output or error. */
void options_say(enum text_id id);
void options_complain(struct arena *arena, enum text_id id, const struct text_arg *args,
		      size_t count);
#define COMPLAIN(arena, id, ...)                                                                   \
	options_complain((arena), (id),                                                            \
			 (const struct text_arg[]){{.name = NULL}, ##__VA_ARGS__} + 1,             \
			 sizeof((const struct text_arg[]){{.name = NULL}, ##__VA_ARGS__}) /        \
					 sizeof(struct text_arg) -                                 \
				 1)
/* The sentence for what portal_open() or portal_create() refused. Always EXIT_FAILURE. */
int options_complain_of_portal(const struct command_line *line, enum err err);
/* Opens the portal for a command that does not serve. False: a sentence was printed; exit with
 * EXIT_FAILURE. */
bool options_open_portal(const struct command_line *line, struct portal **ret);
