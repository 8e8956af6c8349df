#include "store/db_engine.h"

static enum err open_store(const struct store_options *options, struct store **ret)
{
	(void)options, (void)ret;
	return ERR_UNAVAILABLE;
}

const struct engine db_postgres_engine = {.open = open_store};
