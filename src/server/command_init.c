#include "base/utf8.h"
#include "core/address.h"
#include "core/portal.h"
#include "server/command.h"
#include "server/options.h"
#include "server/public_url.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 4 << 20 };

static bool check(struct arena *arena, struct str name, struct str url, struct str admin,
		  struct str custody, struct portal_setup *ret)
{
	struct address address;
	ret->name = str_trim(name);
	ret->admin_address = admin;
	ret->custody = CUSTODY_MANAGED;
	if (ret->name.len == 0 || !utf8_is_line(ret->name) || ret->name.len > 100)
		COMPLAIN(arena, TEXT_COMMAND_NAME_BAD);
	else if (public_url_parse(arena, url, &ret->url) != OK)
		COMPLAIN(arena, TEXT_COMMAND_URL_BAD);
	else if (address_parse(arena, admin, &address) != OK)
		COMPLAIN(arena, TEXT_COMMAND_ADDRESS_BAD, TEXT_ARG("address", admin));
	else if (custody.len > 0 && user_custody_parse(custody, &ret->custody) != OK)
		COMPLAIN(arena, TEXT_COMMAND_CUSTODY_BAD);
	else
		return true;
	return false;
}

int command_init(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	struct str name = STR_NONE, url = STR_NONE, admin = STR_NONE, custody = STR_NONE, link;
	const struct option options[] = {{"name", &name},
					 {"url", &url},
					 {"admin", &admin},
					 {"custody", &custody},
					 {NULL, NULL}};
	struct command_line line;
	struct portal_setup setup;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	if (line.wants_help) {
		options_say(TEXT_COMMAND_USAGE_INIT);
		return EXIT_SUCCESS;
	}
	if (!options_without_arguments(&line) || !check(&arena, name, url, admin, custody, &setup))
		return EXIT_USAGE;
	log_set_level(line.config.log_level);
	struct portal_options portal_options = {.data_dir = line.data_dir,
						.store_url = line.config.store};
	enum err err = portal_create(&portal_options, &setup, &arena, &link);
	if (err == ERR_NOT_FOUND) {
		COMPLAIN(&arena, TEXT_COMMAND_FOLDER_MISSING, TEXT_ARG("folder", line.data_dir));
		return EXIT_FAILURE;
	}
	if (err != OK)
		return options_complain_of_portal(&line, err);
	struct str done = TEXT_FILL(&arena, language_find(STR("en")), TEXT_COMMAND_SET_UP,
				    TEXT_ARG("name", setup.name), TEXT_NUMBER("days", 14));
	printf("%.*s\n%.*s\n", STR_ARGS(done), STR_ARGS(link));
	return EXIT_SUCCESS;
}
