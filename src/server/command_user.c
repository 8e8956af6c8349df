#include "core/destroyed_journal.h"
#include "core/people.h"
#include "server/command.h"
#include "server/options.h"
#include "server/user_erase.h"
#include "server/user_import.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 64 << 20, PAGE = 500 };

static void say(struct cx *cx, enum text_id id, struct str address)
{
	struct str text = TEXT_FILL(cx->arena, cx->language, id, TEXT_ARG("address", address));
	printf("%.*s\n", STR_ARGS(text));
}

static int complain(struct cx *cx, enum text_id id, struct str address)
{
	COMPLAIN(cx->arena, id, TEXT_ARG("address", address));
	return EXIT_FAILURE;
}

static int failed(struct cx *cx, enum err err)
{
	COMPLAIN(cx->arena, TEXT_COMMAND_FAILED, TEXT_ARG("reason", str_of(err_name(err))));
	return EXIT_FAILURE;
}

/* One person a line, parted by tabs, for scripts. */
static int list(struct cx *cx)
{
	struct id after = {0}, last;
	do {
		struct arena arena CLEANUP_ARENA;
		struct cx page = *cx;
		struct user *users;
		size_t count;
		arena_init(&arena, ARENA_BYTES);
		page.arena = &arena;
		enum err err = people_list(&page, &after, PAGE, &users, &count, &last);
		if (err != OK)
			return failed(cx, err);
		for (size_t i = 0; i < count; i++) {
			if (users_is_erased(&users[i]))
				continue;
			printf("%.*s\t%s\t%s\t%s\t%.*s\n", STR_ARGS(users[i].address),
			       user_grade_word(users[i].grade), user_role_word(users[i].role),
			       user_state_word(users[i].state), STR_ARGS(users[i].name));
		}
		after = last;
	} while (!id_is_empty(&last));
	return EXIT_SUCCESS;
}

/* What core/ has a sentence for, it says best. */
static int refused(struct cx *cx, enum err err, const struct form_errors *errors)
{
	if (errors->count == 0)
		return failed(cx, err);
	fprintf(stderr, "postern: %.*s\n", STR_ARGS(errors->items[0].detail));
	return EXIT_FAILURE;
}

static int add(struct cx *cx, struct str address, struct str grade_word, struct str role_word)
{
	enum grade grade = GRADE_GUEST;
	enum role role = ROLE_MEMBER;
	struct form_errors errors = {0};
	if (grade_word.len > 0 && user_grade_parse(grade_word, &grade) != OK)
		return complain(cx, TEXT_COMMAND_GRADE_BAD, address);
	if (role_word.len > 0 && user_role_parse(role_word, &role) != OK)
		return complain(cx, TEXT_COMMAND_ROLE_BAD, address);
	enum err err = people_add(cx, address, grade, role, &errors);
	if (err == ERR_CONFLICT)
		return complain(cx, TEXT_COMMAND_USER_EXISTS, address);
	if (err != OK)
		return refused(cx, err, &errors);
	say(cx, TEXT_COMMAND_USER_INVITED, address);
	return EXIT_SUCCESS;
}

/* False: it is no such word, which was said. */
static bool read_change(struct cx *cx, struct str what, struct str word, struct people_change *ret)
{
	struct people_change change = {
		.has_grade = str_eq(what, STR("grade")),
		.has_role = str_eq(what, STR("role")),
		.is_enabled = str_eq(what, STR("enable")),
	};
	change.has_state = change.is_enabled || str_eq(what, STR("disable"));
	*ret = change;
	if (change.has_grade && user_grade_parse(word, &ret->grade) != OK)
		return complain(cx, TEXT_COMMAND_GRADE_BAD, word) == EXIT_SUCCESS;
	if (change.has_role && user_role_parse(word, &ret->role) != OK)
		return complain(cx, TEXT_COMMAND_ROLE_BAD, word) == EXIT_SUCCESS;
	return true;
}

static int change(struct cx *cx, struct str what, struct str address, struct str word)
{
	struct form_errors errors = {0};
	struct people_change change;
	struct user user;
	if (!read_change(cx, what, word, &change))
		return EXIT_FAILURE;
	enum err err = people_find(cx, address, &user);
	if (err == OK)
		err = people_change(cx, &user.id, &change, NULL, &errors);
	if (errors.count == 0 && (err == ERR_NOT_FOUND || err == ERR_INVALID))
		return complain(cx, TEXT_COMMAND_USER_UNKNOWN, address);
	if (err != OK)
		return refused(cx, err, &errors);
	say(cx, TEXT_COMMAND_USER_CHANGED, address);
	return EXIT_SUCCESS;
}

/* Words that each form of the command takes, its own included. */
static bool is_complete(const struct command_line *line)
{
	static const struct {
		struct str what;
		size_t words;
	} forms[] = {{STR("list"), 1},  {STR("add"), 2},    {STR("grade"), 3},
		     {STR("role"), 3},  {STR("enable"), 2}, {STR("disable"), 2},
		     {STR("erase"), 2}, {STR("import"), 2}};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (line->argument_count > 0 && str_eq(line->arguments[0], forms[i].what))
			return line->argument_count == forms[i].words;
	return false;
}

int command_user(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	struct str grade = STR_NONE, role = STR_NONE;
	bool is_dry = false, is_sure = false;
	const struct option options[] = {{"grade", &grade},
					 {"role", &role},
					 {"dry-run", NULL, &is_dry},
					 {"yes", NULL, &is_sure},
					 {NULL, NULL}};
	struct command_line line;
	struct portal *portal;
	arena_init(&arena, ARENA_BYTES);
	if (!options_read(&arena, argc, argv, options, &line))
		return EXIT_USAGE;
	if (line.wants_help || !is_complete(&line)) {
		options_say(TEXT_COMMAND_USAGE_USER);
		return line.wants_help ? EXIT_SUCCESS : EXIT_USAGE;
	}
	if (!options_open_portal(&line, &portal))
		return EXIT_FAILURE;
	struct cx cx = {.arena = &arena, .portal = portal, .language = language_find(STR("en"))};
	struct str what = line.arguments[0];
	int status = str_eq(what, STR("list"))     ? list(&cx)
		     : str_eq(what, STR("add"))    ? add(&cx, line.arguments[1], grade, role)
		     : str_eq(what, STR("import")) ? user_import(&cx, line.arguments[1], is_dry)
		     : str_eq(what, STR("erase"))
			     ? user_erase(&cx, line.arguments[1], is_sure)
			     : change(&cx, what, line.arguments[1], line.arguments[2]);
	/* No housekeeper may be running. */
	destroyed_journal_flush(&cx);
	portal_close(portal);
	return status;
}
