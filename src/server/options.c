#include "server/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void options_say(enum text_id id)
{
	struct str text = text_get(language_find(STR("en")), id);
	printf("%.*s\n", STR_ARGS(text));
}

void options_complain(struct arena *arena, enum text_id id, const struct text_arg *args,
		      size_t count)
{
	struct str text = text_fill(arena, language_find(STR("en")), id, args, count);
	fprintf(stderr, "postern: %.*s\n", STR_ARGS(text));
}

static struct str *find_option(const struct option *options, struct str name)
{
	for (const struct option *option = options; option->name; option++)
		if (str_eq(str_of(option->name), name))
			return option->value;
	return NULL;
}

/* Settings of the configuration wait until its file is read: the command line wins. */
struct pending {
	struct str name, value;
};
enum { PENDING_MAX = 32 };

static bool complain_of_option(struct arena *arena, enum text_id id, const char *option)
{
	COMPLAIN(arena, id, TEXT_ARG("option", str_of(option)));
	return false;
}

static bool apply(struct command_line *line, const struct pending *pending, size_t count)
{
	struct str message = STR_NONE;
	if (config_load(line->arena, line->data_dir, &line->config, &message) != OK) {
		fprintf(stderr, "postern: %.*s\n", STR_ARGS(message));
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		enum err err =
			config_set(&line->config, pending[i].name, pending[i].value, &message);
		if (err == ERR_NOT_FOUND) {
			struct str option =
				arena_printf(line->arena, "--%.*s", STR_ARGS(pending[i].name));
			return complain_of_option(line->arena, TEXT_COMMAND_OPTION_UNKNOWN,
						  arena_cstr(line->arena, option));
		}
		if (err != OK) {
			fprintf(stderr, "postern: %.*s\n", STR_ARGS(message));
			return false;
		}
	}
	if (config_check(&line->config, &message) != OK) {
		fprintf(stderr, "postern: %.*s\n", STR_ARGS(message));
		return false;
	}
	return true;
}

bool options_read(struct arena *arena, int argc, char **argv, const struct option *options,
		  struct command_line *ret)
{
	struct pending pending[PENDING_MAX];
	size_t pending_count = 0;
	*ret = (struct command_line){.arena = arena};
	for (int i = 0; i < argc; i++) {
		struct str word = str_of(argv[i]);
		if (str_eq(word, STR("--help"))) {
			ret->wants_help = true;
			return true;
		}
		if (!str_starts_with(word, STR("--"))) {
			if (ret->argument_count == ARGUMENTS_MAX) {
				COMPLAIN(arena, TEXT_COMMAND_ARGUMENT_LEFT_OVER,
					 TEXT_ARG("argument", word));
				return false;
			}
			ret->arguments[ret->argument_count++] = word;
			continue;
		}
		if (i + 1 == argc)
			return complain_of_option(arena, TEXT_COMMAND_OPTION_WITHOUT_VALUE,
						  argv[i]);
		struct str name = str_slice(word, 2, word.len);
		struct str value = str_of(argv[++i]);
		struct str *known = find_option(options, name);
		if (str_eq(name, STR("data")))
			ret->data_dir = value;
		else if (known)
			*known = value;
		else if (pending_count < PENDING_MAX)
			pending[pending_count++] = (struct pending){name, value};
	}
	if (ret->data_dir.len == 0)
		return complain_of_option(arena, TEXT_COMMAND_OPTION_MISSING, "--data");
	return apply(ret, pending, pending_count);
}

int options_complain_of_portal(const struct command_line *line, enum err err)
{
	static const enum text_id sentences[] = {
		[ERR_INVALID] = TEXT_COMMAND_STORE_BAD,
		[ERR_DENIED] = TEXT_COMMAND_KEY_READABLE,
		[ERR_NOT_FOUND] = TEXT_COMMAND_PORTAL_MISSING,
		[ERR_CONFLICT] = TEXT_COMMAND_PORTAL_EXISTS,
		[ERR_UNAVAILABLE] = TEXT_COMMAND_STORE_UNAVAILABLE,
		[ERR_CORRUPT] = TEXT_COMMAND_PORTAL_CORRUPT,
	};
	bool is_known =
		(size_t)err < sizeof(sentences) / sizeof(sentences[0]) && sentences[err] != 0;
	COMPLAIN(line->arena, is_known ? sentences[err] : TEXT_COMMAND_FAILED,
		 TEXT_ARG("folder", line->data_dir), TEXT_ARG("reason", str_of(err_name(err))));
	return EXIT_FAILURE;
}
