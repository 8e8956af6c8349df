#include "core/portal.h"
#include "core/portal_settings.h"
#include "core/settings_live.h"
#include "server/command.h"
#include "server/options.h"
#include "server/public_url.h"
#include "stamp/stamp_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 1 << 20 };

/* One setting a line, name and value parted by a tab, for scripts. */
static int list(struct arena *arena, const struct portal *portal)
{
	for (size_t i = 0; i < portal_settings_count; i++) {
		struct str value = portal_settings_value(portal->settings, i, arena);
		printf("%s\t%.*s\n", portal_settings_name(i), STR_ARGS(value));
	}
	return EXIT_SUCCESS;
}

static void complain(struct arena *arena, struct str name, struct str value, enum err err)
{
	if (err == ERR_INVALID)
		COMPLAIN(arena, TEXT_COMMAND_SETTING_BAD, TEXT_ARG("name", name),
			 TEXT_ARG("value", value));
	else
		COMPLAIN(arena, TEXT_COMMAND_FAILED, TEXT_ARG("reason", str_of(err_name(err))));
}

static int set(struct arena *arena, struct portal *portal, struct str name, struct str value)
{
	struct cx cx = {.arena = arena, .portal = portal, .language = language_find(STR("en"))};
	struct setting_change change = {name, value};
	struct form_errors errors = {0};
	size_t at;
	/* Keys were made by it. */
	bool is_fixed = str_eq(name, STR("custody"));
	if (is_fixed || portal_settings_find(name, &at) != OK) {
		COMPLAIN(arena,
			 is_fixed ? TEXT_COMMAND_SETTING_FIXED : TEXT_COMMAND_SETTING_UNKNOWN,
			 TEXT_ARG("name", name));
		return EXIT_FAILURE;
	}
	enum err err = OK;
	if (str_eq(name, STR("url")))
		err = public_url_parse(arena, value, &change.value);
	if (str_eq(name, STR("timestamp_url")) && value.len > 0 && !stamp_client_is_url(value))
		err = ERR_INVALID;
	if (err == OK)
		err = settings_live_change(&cx, &change, 1, 0, &errors);
	if (err == OK)
		options_say(TEXT_COMMAND_SETTING_CHANGED);
	else
		complain(arena, name, value, err);
	return err == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int command_setting(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	const struct option options[] = {{NULL, NULL}};
	struct command_line line;
	struct portal *portal;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	struct str what = line.argument_count > 0 ? line.arguments[0] : STR_NONE;
	bool is_list = str_eq(what, STR("list")) && line.argument_count == 1;
	bool is_set = str_eq(what, STR("set")) && line.argument_count == 3;
	if (line.wants_help || !(is_list || is_set)) {
		options_say(TEXT_COMMAND_USAGE_SETTING);
		return line.wants_help ? EXIT_SUCCESS : EXIT_USAGE;
	}
	if (!options_open_portal(&line, &portal))
		return EXIT_FAILURE;
	int status = is_list ? list(&arena, portal)
			     : set(&arena, portal, line.arguments[1], line.arguments[2]);
	portal_close(portal);
	return status;
}
