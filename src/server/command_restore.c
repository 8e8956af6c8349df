#include "backup/restore.h"
#include "base/clock.h"
#include "server/command.h"
#include "server/options.h"
#include "server/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ARENA_BYTES = 64 << 20 };

struct asked {
	struct str from, to, key, store, destructions;
	bool keeps_queue, only_checks, ignores_destructions;
};

static void show(void *argument, bool is_checking, int64_t bytes, int64_t total)
{
	progress_show(argument,
		      is_checking ? TEXT_COMMAND_RESTORE_PROGRESS_CHECK
				  : TEXT_COMMAND_RESTORE_PROGRESS,
		      bytes, total > 0 ? (int)(100 * bytes / total) : -1);
}

static void tell(void *argument, struct str sentence)
{
	progress_end(argument);
	printf("%.*s\n", STR_ARGS(sentence));
}

/* As on the command line everywhere: the same for everybody who reads it. */
static struct str date_of(struct arena *arena, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm utc;
	char text[32] = "";
	if (gmtime_r(&seconds, &utc))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc);
	return arena_copy(arena, str_of(text));
}

static void say(struct str sentence)
{
	printf("%.*s\n", STR_ARGS(sentence));
}

static const enum text_id failures[] = {
	[RESTORE_FAILED_OTHERWISE] = TEXT_COMMAND_RESTORE_FAILED,
	[RESTORE_NO_FILE] = TEXT_COMMAND_RESTORE_NO_FILE,
	[RESTORE_NO_BACKUP] = TEXT_COMMAND_RESTORE_NO_BACKUP,
	[RESTORE_DAMAGED] = TEXT_COMMAND_RESTORE_DAMAGED,
	[RESTORE_TOO_NEW] = TEXT_COMMAND_RESTORE_TOO_NEW,
	[RESTORE_NO_KEY] = TEXT_COMMAND_RESTORE_NO_KEY,
	[RESTORE_KEY_READABLE] = TEXT_COMMAND_RESTORE_KEY_READABLE,
	[RESTORE_KEY_BAD] = TEXT_COMMAND_RESTORE_KEY_BAD,
	[RESTORE_KEY_WRONG] = TEXT_COMMAND_RESTORE_KEY_WRONG,
	[RESTORE_NOT_EMPTY] = TEXT_COMMAND_RESTORE_NOT_EMPTY,
	[RESTORE_NO_FOLDER] = TEXT_COMMAND_RESTORE_NO_FOLDER,
	[RESTORE_BUSY] = TEXT_COMMAND_RESTORE_BUSY,
	[RESTORE_JOURNAL_MISSING] = TEXT_COMMAND_RESTORE_JOURNAL_MISSING,
	[RESTORE_JOURNAL_BAD] = TEXT_COMMAND_RESTORE_JOURNAL_BAD,
	[RESTORE_STORE_TAKEN] = TEXT_COMMAND_RESTORE_STORE_TAKEN,
	[RESTORE_STORE_BAD] = TEXT_COMMAND_RESTORE_STORE_BAD,
};

static int complain(struct arena *arena, const struct asked *asked,
		    const struct restore_report *report, enum err err)
{
	struct str key = asked->key;
	if (key.len == 0 && getenv("POSTERN_MASTER_KEY_FILE"))
		key = str_of(getenv("POSTERN_MASTER_KEY_FILE"));
	COMPLAIN(arena, failures[report->failure], TEXT_ARG("file", asked->from),
		 TEXT_ARG("journal", asked->destructions.len > 0 ? asked->destructions
								 : STR("destructions.log")),
		 TEXT_ARG("folder", asked->to), TEXT_ARG("key", key),
		 TEXT_ARG("where", arena_printf(arena, "%lld", (long long)report->where)),
		 TEXT_ARG("reason", str_of(err_name(err))));
	return EXIT_FAILURE;
}

static int report_check(struct arena *arena, const struct asked *asked,
			const struct restore_report *report)
{
	say(TEXT_FILL(arena, language_find(STR("en")), TEXT_COMMAND_RESTORE_WHOLE,
		      TEXT_ARG("file", asked->from), TEXT_ARG("name", report->name),
		      TEXT_ARG("date", date_of(arena, report->at_ms)),
		      TEXT_ARG("size", progress_size(arena, report->counts.bytes)),
		      TEXT_NUMBER("files", report->counts.blobs)));
	return EXIT_SUCCESS;
}

/* How far what was recalled since the backup is closed again. */
static void report_destroyed(struct arena *arena, const struct restore_report *report)
{
	enum { HOUR = 60 * 60 * 1000 };
	const struct language *english = language_find(STR("en"));
	int64_t hours = (clock_now_ms(&clock_system) - report->at_ms + HOUR - 1) / HOUR;
	if (report->journal == NULL) {
		say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_NO_JOURNAL,
			      TEXT_NUMBER("count", hours)));
		return;
	}
	say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_DESTROYED,
		      TEXT_ARG("journal", str_of(report->journal)),
		      TEXT_NUMBER("keys", report->destroyed.keys),
		      TEXT_ARG("date", report->destroyed.lines > 0
					       ? date_of(arena, report->destroyed.last_ms)
					       : STR("-"))));
	const struct decisions_done *decisions = &report->destroyed.decisions;
	if (decisions->people + decisions->rules > 0)
		say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_CHANGED,
			      TEXT_NUMBER("people", decisions->people),
			      TEXT_NUMBER("rules", decisions->rules)));
	if (decisions->kept > 0)
		say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_KEPT,
			      TEXT_NUMBER("count", decisions->kept)));
	if (report->destroyed.begun_ms > report->at_ms)
		say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_JOURNAL_LATE,
			      TEXT_ARG("date", date_of(arena, report->destroyed.begun_ms))));
}

static int report_portal(struct arena *arena, const struct asked *asked,
			 const struct restore_report *report)
{
	const struct language *english = language_find(STR("en"));
	const struct check_report *check = &report->check;
	struct str date = date_of(arena, report->at_ms);
	if (check->problems > 0)
		say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_NOT_WHOLE,
			      TEXT_NUMBER("count", check->problems), TEXT_ARG("name", report->name),
			      TEXT_ARG("folder", asked->to), TEXT_ARG("date", date)));
	else
		say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_DONE,
			      TEXT_ARG("name", report->name), TEXT_ARG("folder", asked->to),
			      TEXT_ARG("date", date), TEXT_NUMBER("users", check->users),
			      TEXT_NUMBER("messages", check->messages),
			      TEXT_NUMBER("files", check->files)));
	say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_ENDED,
		      TEXT_NUMBER("sessions", report->sessions),
		      TEXT_NUMBER("mails", report->mails)));
	report_destroyed(arena, report);
	say(TEXT_FILL(arena, english, TEXT_COMMAND_RESTORE_NEXT, TEXT_ARG("folder", asked->to)));
	return check->problems > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run(struct arena *arena, const struct asked *asked)
{
	struct progress progress = {.is_shown = false};
	struct restore_report report;
	struct restore_options options = {
		.from = arena_cstr(arena, asked->from),
		.data_dir = asked->to,
		.store_url = asked->store,
		.key_path = asked->key,
		.destructions = asked->destructions,
		.ignores_destructions = asked->ignores_destructions,
		.keeps_queue = asked->keeps_queue,
		.progress = show,
		.tell = tell,
		.argument = &progress,
	};
	enum err err = asked->only_checks ? restore_check(&options, arena, &report)
					  : restore_portal(&options, arena, &report);
	progress_end(&progress);
	if (err != OK)
		return complain(arena, asked, &report, err);
	return asked->only_checks ? report_check(arena, asked, &report)
				  : report_portal(arena, asked, &report);
}

int command_restore(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	struct asked asked = {.keeps_queue = false};
	const struct option options[] = {
		{"from", &asked.from},
		{"to", &asked.to},
		{"key", &asked.key},
		{"store", &asked.store},
		{"destructions", &asked.destructions},
		{"without-destructions", .is_given = &asked.ignores_destructions},
		{"keep-queue", .is_given = &asked.keeps_queue},
		{"only-check", .is_given = &asked.only_checks},
		{NULL, NULL}};
	struct command_line line;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read_anywhere(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	if (line.wants_help) {
		options_say(TEXT_COMMAND_USAGE_RESTORE);
		return EXIT_SUCCESS;
	}
	if (!options_without_arguments(&line))
		return EXIT_USAGE;
	bool has_place = asked.to.len > 0 || asked.only_checks;
	if (asked.from.len > 0 && has_place)
		return run(&arena, &asked);
	COMPLAIN(&arena, TEXT_COMMAND_OPTION_MISSING,
		 TEXT_ARG("option", asked.from.len > 0 ? STR("--to") : STR("--from")));
	return EXIT_USAGE;
}
