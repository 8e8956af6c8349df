#include "core/check.h"
#include "server/command.h"
#include "server/options.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 64 << 20 };

static void tell(void *argument, struct str sentence)
{
	(void)argument;
	printf("%.*s\n", STR_ARGS(sentence));
}

static void say_count(struct arena *arena, const struct language *language, enum text_id id,
		      int64_t count)
{
	if (count == 0)
		return;
	struct str text = TEXT_FILL(arena, language, id, TEXT_NUMBER("count", count));
	printf("%.*s\n", STR_ARGS(text));
}

static int report(struct arena *arena, const struct check_report *report)
{
	const struct language *english = language_find(STR("en"));
	struct str text = report->problems
				  ? TEXT_FILL(arena, english, TEXT_COMMAND_CHECK_BAD,
					      TEXT_NUMBER("count", report->problems))
				  : TEXT_FILL(arena, english, TEXT_COMMAND_CHECK_GOOD,
					      TEXT_NUMBER("users", report->users),
					      TEXT_NUMBER("messages", report->messages),
					      TEXT_NUMBER("deliveries", report->deliveries),
					      TEXT_NUMBER("drafts", report->drafts),
					      TEXT_NUMBER("mails", report->mails),
					      TEXT_NUMBER("files", report->files));
	printf("%.*s\n", STR_ARGS(text));
	say_count(arena, english, TEXT_COMMAND_CHECK_UNOPENED, report->files_unopened);
	say_count(arena, english, TEXT_COMMAND_CHECK_ORPHANS, report->orphans);
	return report->problems ? EXIT_FAILURE : EXIT_SUCCESS;
}

int command_check(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	const struct option options[] = {{NULL, NULL}};
	struct command_line line;
	struct portal *portal;
	struct check_report found;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	if (line.wants_help) {
		options_say(TEXT_COMMAND_USAGE_CHECK);
		return EXIT_SUCCESS;
	}
	if (!options_without_arguments(&line))
		return EXIT_USAGE;
	if (!options_open_portal(&line, &portal))
		return EXIT_FAILURE;
	struct cx cx = {.arena = &arena, .portal = portal, .language = language_find(STR("en"))};
	enum err err = check_all(&cx, tell, NULL, &found);
	portal_close(portal);
	return err == OK ? report(&arena, &found) : options_complain_of_portal(&line, err);
}
