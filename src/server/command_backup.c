#include "backup/backup.h"
#include "server/command.h"
#include "server/options.h"
#include "server/progress.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 16 << 20 };

static void show(void *argument, int64_t bytes, int64_t files, int64_t of_files)
{
	struct progress *progress = argument;
	int percent = of_files > 0 ? (int)(100 * files / of_files) : -1;
	progress_show(progress, TEXT_COMMAND_BACKUP_PROGRESS, bytes, percent);
}

static int report(const struct command_line *line, struct str to,
		  const struct backup_report *report)
{
	struct arena *arena = line->arena;
	const struct language *english = language_find(STR("en"));
	struct str done = TEXT_FILL(arena, english, TEXT_COMMAND_BACKUP_DONE, TEXT_ARG("file", to),
				    TEXT_ARG("size", progress_size(arena, report->bytes)));
	struct str key = TEXT_FILL(arena, english, TEXT_COMMAND_BACKUP_KEEP,
				   TEXT_ARG("folder", line->data_dir));
	printf("%.*s\n%.*s\n", STR_ARGS(done), STR_ARGS(key));
	if (report->missing == 0)
		return EXIT_SUCCESS;
	COMPLAIN(arena, TEXT_COMMAND_BACKUP_MISSING, TEXT_NUMBER("count", report->missing));
	return EXIT_FAILURE;
}

static int complain(const struct command_line *line, struct str to, enum err err)
{
	COMPLAIN(line->arena,
		 err == ERR_BUSY          ? TEXT_COMMAND_BACKUP_BUSY
		 : err == ERR_UNAVAILABLE ? TEXT_COMMAND_BACKUP_UNAVAILABLE
					  : TEXT_COMMAND_FAILED,
		 TEXT_ARG("file", to), TEXT_ARG("reason", str_of(err_name(err))));
	return EXIT_FAILURE;
}

static int run(const struct command_line *line, struct str to)
{
	struct portal *portal;
	struct backup_report done;
	struct progress progress = {.is_shown = false};
	if (!options_open_portal(line, &portal))
		return EXIT_FAILURE;
	struct cx cx = {
		.arena = line->arena, .portal = portal, .language = language_find(STR("en"))};
	enum err err = backup_write(&cx, arena_cstr(line->arena, to), show, &progress, &done);
	progress_end(&progress);
	portal_close(portal);
	return err == OK ? report(line, to, &done) : complain(line, to, err);
}

int command_backup(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	struct str to = STR_NONE;
	const struct option options[] = {{"to", &to}, {NULL, NULL}};
	struct command_line line;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	if (line.wants_help) {
		options_say(TEXT_COMMAND_USAGE_BACKUP);
		return EXIT_SUCCESS;
	}
	if (!options_without_arguments(&line))
		return EXIT_USAGE;
	if (to.len == 0) {
		COMPLAIN(&arena, TEXT_COMMAND_OPTION_MISSING, TEXT_ARG("option", STR("--to")));
		return EXIT_USAGE;
	}
	return run(&line, to);
}
