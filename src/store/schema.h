/* The numbered migrations that make the tables. Only ever add to the end. */
#pragma once

#include "store/migrate.h"

extern const struct migration schema_migrations[];
extern const size_t schema_migration_count;
