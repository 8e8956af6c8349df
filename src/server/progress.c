#include "server/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { EVERY_MS = 200, ARENA_BYTES = 64 * 1024 };

struct str progress_size(struct arena *arena, int64_t bytes)
{
	return format_size(arena, language_find(STR("en")), bytes);
}

static void show(enum text_id id, int64_t bytes, int percent)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, ARENA_BYTES);
	struct str share = percent < 0 ? STR("…") : arena_printf(&arena, "%d %%", percent);
	struct str text =
		TEXT_FILL(&arena, language_find(STR("en")), id,
			  TEXT_ARG("size", progress_size(&arena, bytes)), TEXT_ARG("share", share));
	fprintf(stderr, "\r\033[K%.*s", STR_ARGS(text));
}

void progress_show(struct progress *progress, enum text_id id, int64_t bytes, int percent)
{
	int64_t now_ms = clock_now_ms(&clock_system);
	if (now_ms - progress->shown_ms < EVERY_MS || !isatty(STDERR_FILENO))
		return;
	show(id, bytes, percent);
	progress->shown_ms = now_ms;
	progress->is_shown = true;
}

void progress_end(struct progress *progress)
{
	if (progress->is_shown)
		fputs("\r\033[K", stderr);
}
