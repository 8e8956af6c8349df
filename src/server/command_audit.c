#include "api/json_write.h"
#include "core/audit_checkpoint.h"
#include "core/audit_verify.h"
#include "server/command.h"
#include "server/options.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 64 << 20, JSON_MAX_BYTES = 64 << 20 };

#define SAY(cx, id, ...)                                                                           \
	do {                                                                                       \
		struct str text_ = TEXT_FILL((cx)->arena, (cx)->language, (id), __VA_ARGS__);      \
		printf("%.*s\n", STR_ARGS(text_));                                                 \
	} while (0)

/* ---- verify ---- */

static void say_problem(void *argument, struct cx *cx, const struct audit_problem *problem)
{
	(void)argument;
	struct str sentence = audit_problem_sentence(cx, problem);
	printf("%.*s\n", STR_ARGS(sentence));
}

static void write_id(struct json_write *write, const char *key, const struct id *id)
{
	if (!id_is_empty(id))
		json_write_id(write, key, id);
}

static void write_text(struct json_write *write, const char *key, struct str text)
{
	if (text.len > 0)
		json_write_text(write, key, text);
}

static void write_problem(void *argument, struct cx *cx, const struct audit_problem *problem)
{
	struct json_write *write = argument;
	json_write_object(write, NULL);
	json_write_text(write, "kind", str_of(audit_problem_word(problem->kind)));
	if (problem->number > 0)
		json_write_int(write, "entry", problem->number);
	if (problem->line > 0)
		json_write_int(write, "checkpoint_line", problem->line);
	write_id(write, "user_id", &problem->user_id);
	write_id(write, "message_id", &problem->message_id);
	write_id(write, "file_id", &problem->file_id);
	write_text(write, "name", problem->name);
	write_text(write, "log_says", problem->said);
	write_text(write, "database_says", problem->is);
	json_write_text(write, "sentence", audit_problem_sentence(cx, problem));
	json_write_object_end(write);
}

static void say_checkpoints(struct cx *cx, const struct audit_report *report, struct str path)
{
	if (report->has_no_checkpoints)
		SAY(cx, TEXT_AUDIT_VERIFY_NO_CHECKPOINTS, TEXT_ARG("file", path));
	else if (report->checkpoint > 0)
		SAY(cx, TEXT_AUDIT_VERIFY_CHECKPOINTS, TEXT_NUMBER("count", report->checkpoints),
		    TEXT_ARG("number",
			     arena_printf(cx->arena, "%lld", (long long)report->checkpoint)),
		    TEXT_ARG("time", format_date(cx->arena, cx->language, STR("UTC"),
						 report->checkpoint_ms)));
	if (report->torn_lines > 0)
		SAY(cx, TEXT_AUDIT_VERIFY_TORN, TEXT_NUMBER("count", report->torn_lines));
}

static void say_report(struct cx *cx, const struct audit_report *report, struct str path)
{
	say_checkpoints(cx, report, path);
	if (report->problems > 0)
		SAY(cx, TEXT_AUDIT_VERIFY_BAD, TEXT_NUMBER("count", report->problems));
	else
		SAY(cx, TEXT_AUDIT_VERIFY_GOOD, TEXT_NUMBER("entries", report->entries),
		    TEXT_NUMBER("users", report->users), TEXT_NUMBER("rules", report->rules),
		    TEXT_NUMBER("texts", report->texts), TEXT_NUMBER("settings", report->settings),
		    TEXT_NUMBER("recalls", report->recalls));
}

static void write_report(struct json_write *write, const struct audit_report *report)
{
	json_write_list_end(write);
	json_write_bool(write, "is_whole", report->problems == 0);
	json_write_int(write, "entries", report->entries);
	json_write_int(write, "checkpoints", report->checkpoints);
	json_write_int(write, "checkpoint_entry", report->checkpoint);
	json_write_time(write, "checkpoint_time", report->checkpoint_ms);
	json_write_bool(write, "has_checkpoints", !report->has_no_checkpoints);
	json_write_int(write, "torn_checkpoint_lines", report->torn_lines);
	json_write_int(write, "users", report->users);
	json_write_int(write, "rules", report->rules);
	json_write_int(write, "texts", report->texts);
	json_write_int(write, "settings", report->settings);
	json_write_int(write, "recalls", report->recalls);
	json_write_object_end(write);
}

/* Checkpoints that were named and are not there prove nothing. */
static int status_of(struct cx *cx, const struct audit_report *report, struct str named)
{
	if (named.len == 0 || !report->has_no_checkpoints)
		return report->problems == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	COMPLAIN(cx->arena, TEXT_AUDIT_VERIFY_FILE_MISSING, TEXT_ARG("file", named));
	return EXIT_FAILURE;
}

static enum err verify(struct cx *cx, struct str named, bool is_json, int *ret_status)
{
	struct str path = named.len > 0 ? named : cx->portal->checkpoints;
	struct audit_report report;
	if (!is_json) {
		TRY(audit_verify(cx, path, say_problem, NULL, &report));
		say_report(cx, &report, path);
		*ret_status = status_of(cx, &report, named);
		return OK;
	}
	struct buf out CLEANUP_BUF;
	buf_init(&out, JSON_MAX_BYTES);
	struct json_write write = {.out = &out};
	json_write_object(&write, NULL);
	json_write_list(&write, "problems");
	TRY(audit_verify(cx, path, write_problem, &write, &report));
	write_report(&write, &report);
	TRY(out.err);
	printf("%.*s\n", STR_ARGS(buf_str(&out)));
	*ret_status = status_of(cx, &report, named);
	return OK;
}

/* ---- checkpoint ---- */

static enum err checkpoint(struct cx *cx, struct str named, int *ret_status)
{
	struct str path = named.len > 0 ? named : cx->portal->checkpoints;
	struct str public_key;
	int64_t number;
	TRY(audit_checkpoint_public(cx, &public_key));
	enum err err = audit_checkpoint_write(cx, path, &number);
	*ret_status = err == OK ? EXIT_SUCCESS : EXIT_FAILURE;
	if (err == ERR_CORRUPT)
		COMPLAIN(cx->arena, TEXT_AUDIT_CHECKPOINT_REFUSED);
	else if (err != OK)
		COMPLAIN(cx->arena, TEXT_AUDIT_CHECKPOINT_FAILED, TEXT_ARG("file", path));
	else if (number == 0)
		SAY(cx, TEXT_AUDIT_CHECKPOINT_NOTHING_NEW, TEXT_ARG("key", public_key));
	else
		SAY(cx, TEXT_AUDIT_CHECKPOINT_WRITTEN, TEXT_ARG("file", path),
		    TEXT_ARG("number", arena_printf(cx->arena, "%lld", (long long)number)),
		    TEXT_ARG("key", public_key));
	return OK;
}

/* ---- */

int command_audit(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	struct str named = STR_NONE;
	bool is_json = false;
	const struct option options[] = {
		{"checkpoints", &named}, {"json", NULL, &is_json}, {NULL, NULL}};
	struct command_line line;
	struct portal *portal;
	int status = EXIT_FAILURE;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	struct str what = line.argument_count == 1 ? line.arguments[0] : STR_NONE;
	bool is_verify = str_eq(what, STR("verify"));
	bool is_understood = is_verify || (str_eq(what, STR("checkpoint")) && !is_json);
	if (line.wants_help || !is_understood) {
		options_say(TEXT_AUDIT_USAGE);
		return line.wants_help ? EXIT_SUCCESS : EXIT_USAGE;
	}
	if (!options_open_portal(&line, &portal))
		return EXIT_FAILURE;
	struct cx cx = {.arena = &arena, .portal = portal, .language = language_find(STR("en"))};
	enum err err =
		is_verify ? verify(&cx, named, is_json, &status) : checkpoint(&cx, named, &status);
	portal_close(portal);
	return err == OK ? status : options_complain_of_portal(&line, err);
}
