#include "core/checking.h"

void checking_problem(struct checking *checking, const char *what, struct str id)
{
	checking->report.problems++;
	checking->tell(checking->argument,
		       arena_printf(&checking->arena, "%s (%.*s)", what, STR_ARGS(id)));
}

void checking_bad(struct checking *checking, const char *what, int64_t bad)
{
	for (int64_t i = 0; i < bad; i++)
		checking_problem(checking, what, STR("its id is in the log"));
}
