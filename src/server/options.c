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

static const struct option *find_option(const struct option *options, struct str name)
{
	for (const struct option *option = options; option->name; option++)
		if (str_eq(str_of(option->name), name))
			return option;
	return NULL;
}

static bool complain_of_option(struct arena *arena, enum text_id id, const char *option)
{
	COMPLAIN(arena, id, TEXT_ARG("option", str_of(option)));
	return false;
}

enum err options_config(const struct command_line *line, struct arena *arena, struct config *ret,
			struct str *ret_message)
{
	struct config config;
	TRY(config_load(arena, line->data_dir, &config, ret_message));
	for (size_t i = 0; i < line->override_count; i++) {
		const struct override *override = &line->overrides[i];
		enum err err = config_set(&config, override->key, override->value, ret_message);
		if (err == ERR_NOT_FOUND)
			*ret_message = TEXT_FILL(
				arena, language_find(STR("en")), TEXT_COMMAND_OPTION_UNKNOWN,
				TEXT_ARG("option",
					 arena_printf(arena, "--%.*s", STR_ARGS(override->key))));
		TRY(err);
	}
	TRY(config_check(&config, ret_message));
	*ret = config;
	return OK;
}

static bool complain_of_argument(struct arena *arena, struct str word)
{
	COMPLAIN(arena, TEXT_COMMAND_ARGUMENT_LEFT_OVER, TEXT_ARG("argument", word));
	return false;
}

static bool take_value(struct command_line *line, const struct option *known, struct str name,
		       struct str value)
{
	if (str_eq(name, STR("data")))
		line->data_dir = value;
	else if (known)
		*known->value = value;
	else if (line->override_count < OVERRIDES_MAX)
		line->overrides[line->override_count++] = (struct override){name, value};
	else
		return complain_of_argument(line->arena,
					    arena_printf(line->arena, "--%.*s", STR_ARGS(name)));
	return true;
}

static bool read_words(int argc, char **argv, const struct option *options,
		       struct command_line *line)
{
	for (int i = 0; i < argc; i++) {
		struct str word = str_of(argv[i]);
		if (str_eq(word, STR("--help"))) {
			line->wants_help = true;
			return true;
		}
		if (!str_starts_with(word, STR("--"))) {
			if (line->argument_count == ARGUMENTS_MAX)
				return complain_of_argument(line->arena, word);
			line->arguments[line->argument_count++] = word;
			continue;
		}
		struct str name = str_slice(word, 2, word.len);
		const struct option *known = find_option(options, name);
		if (known && known->is_given) {
			*known->is_given = true;
			continue;
		}
		if (i + 1 == argc)
			return complain_of_option(line->arena, TEXT_COMMAND_OPTION_WITHOUT_VALUE,
						  argv[i]);
		if (!take_value(line, known, name, str_of(argv[++i])))
			return false;
	}
	return true;
}

/* The file is known only now; the command line wins. */
static bool read_config(struct command_line *line)
{
	struct str message = STR_NONE;
	if (options_config(line, line->arena, &line->config, &message) == OK)
		return true;
	fprintf(stderr, "postern: %.*s\n", STR_ARGS(message));
	return false;
}

bool options_read_anywhere(struct arena *arena, int argc, char **argv, const struct option *options,
			   struct command_line *ret)
{
	*ret = (struct command_line){.arena = arena};
	if (!read_words(argc, argv, options, ret))
		return false;
	if (ret->wants_help)
		return true;
	if (ret->data_dir.len == 0 && ret->override_count > 0) {
		COMPLAIN(arena, TEXT_COMMAND_OPTION_UNKNOWN,
			 TEXT_ARG("option",
				  arena_printf(arena, "--%.*s", STR_ARGS(ret->overrides[0].key))));
		return false;
	}
	return ret->data_dir.len == 0 || read_config(ret);
}

bool options_read(struct arena *arena, int argc, char **argv, const struct option *options,
		  struct command_line *ret)
{
	*ret = (struct command_line){.arena = arena};
	if (!read_words(argc, argv, options, ret))
		return false;
	if (ret->wants_help)
		return true;
	if (ret->data_dir.len == 0)
		return complain_of_option(arena, TEXT_COMMAND_OPTION_MISSING, "--data");
	return read_config(ret);
}

bool options_without_arguments(const struct command_line *line)
{
	if (line->argument_count > 0)
		COMPLAIN(line->arena, TEXT_COMMAND_ARGUMENT_LEFT_OVER,
			 TEXT_ARG("argument", line->arguments[0]));
	return line->argument_count == 0;
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

bool options_open_portal(const struct command_line *line, struct portal **ret)
{
	struct portal_options options = {.data_dir = line->data_dir,
					 .store_url = line->config.store,
					 .checkpoints = line->config.audit_checkpoints,
					 .destructions = line->config.destructions};
	enum err err = portal_open(&options, ret);
	if (err != OK)
		options_complain_of_portal(line, err);
	return err == OK;
}
