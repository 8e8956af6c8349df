/* Changes a setting of a portal that is not running: set DATA NAME VALUE. */
#include "core/portal.h"
#include "core/portal_settings.h"

#include <stdio.h>

struct change {
	const char *name;
	struct str value;
};

static enum err write_change(struct db *db, void *argument)
{
	const struct change *change = argument;
	return portal_settings_put(db, change->name, change->value);
}

int main(int argc, char **argv)
{
	struct portal *portal = NULL;
	if (argc != 4) {
		fprintf(stderr, "usage: %s DATA NAME VALUE\n", argv[0]);
		return 2;
	}
	struct portal_options options = {.data_dir = str_of(argv[1])};
	struct change change = {argv[2], str_of(argv[3])};
	enum err err = crypto_init();
	if (err == OK)
		err = portal_open(&options, &portal);
	if (err == OK)
		err = store_transact(portal->store, write_change, &change, NULL);
	portal_close(portal);
	if (err != OK)
		fprintf(stderr, "%s: %s\n", argv[0], err_name(err));
	return err == OK ? 0 : 1;
}
