#include "core/people.h"
#include "server/command.h"
#include "server/options.h"
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
		for (size_t i = 0; i < count; i++)
			printf("%.*s\t%s\t%s\t%s\t%.*s\n", STR_ARGS(users[i].address),
			       user_grade_word(users[i].grade), user_role_word(users[i].role),
			       user_state_word(users[i].state), STR_ARGS(users[i].name));
		after = last;
	} while (!id_is_empty(&last));
	return EXIT_SUCCESS;
}

static int add(struct cx *cx, struct str address, struct str grade_word, struct str role_word)
{
	enum grade grade = GRADE_GUEST;
	bool is_administrator = str_eq(role_word, STR("administrator"));
	struct form_errors errors = {0};
	if (grade_word.len > 0 && user_grade_parse(grade_word, &grade) != OK)
		return complain(cx, TEXT_COMMAND_GRADE_BAD, address);
	if ((role_word.len > 0 && !is_administrator && !str_eq(role_word, STR("member"))) ||
	    (is_administrator && grade != GRADE_PROFESSIONAL))
		return complain(cx, TEXT_COMMAND_ROLE_BAD, address);
	enum err err = people_add(cx, address, grade,
				  is_administrator ? ROLE_ADMINISTRATOR : ROLE_MEMBER, &errors);
	if (err == ERR_CONFLICT)
		return complain(cx, TEXT_COMMAND_USER_EXISTS, address);
	if (err == ERR_INVALID && errors.count > 0) {
		fprintf(stderr, "postern: %.*s\n", STR_ARGS(errors.items[0].detail));
		return EXIT_FAILURE;
	}
	if (err == ERR_TOO_LARGE)
		return complain(cx, TEXT_COMMAND_USER_NO_SEAT, address);
	if (err != OK)
		return failed(cx, err);
	say(cx, TEXT_COMMAND_USER_INVITED, address);
	return EXIT_SUCCESS;
}

static int changed(struct cx *cx, struct str address, enum err err)
{
	if (err == ERR_DENIED)
		return complain(cx, TEXT_COMMAND_USER_LAST_ADMINISTRATOR, address);
	if (err == ERR_TOO_LARGE)
		return complain(cx, TEXT_COMMAND_USER_NO_SEAT, address);
	if (err != OK)
		return failed(cx, err);
	say(cx, TEXT_COMMAND_USER_CHANGED, address);
	return EXIT_SUCCESS;
}

static int change(struct cx *cx, struct str what, struct str address, struct str word)
{
	struct user user;
	enum grade grade;
	enum err err = people_find(cx, address, &user);
	if (err == ERR_NOT_FOUND || err == ERR_INVALID)
		return complain(cx, TEXT_COMMAND_USER_UNKNOWN, address);
	if (err != OK)
		return failed(cx, err);
	if (str_eq(what, STR("enable")) || str_eq(what, STR("disable")))
		return changed(cx, address,
			       people_enable(cx, &user.id, str_eq(what, STR("enable"))));
	if (user_grade_parse(word, &grade) != OK)
		return complain(cx, TEXT_COMMAND_GRADE_BAD, address);
	return changed(cx, address, people_set_grade(cx, &user.id, grade));
}

/* Words that each form of the command takes, its own included. */
static bool is_complete(const struct command_line *line)
{
	static const struct {
		struct str what;
		size_t words;
	} forms[] = {{STR("list"), 1},   {STR("add"), 2},     {STR("grade"), 3},
		     {STR("enable"), 2}, {STR("disable"), 2}, {STR("import"), 2}};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (line->argument_count > 0 && str_eq(line->arguments[0], forms[i].what))
			return line->argument_count == forms[i].words;
	return false;
}

int command_user(int argc, char **argv)
{
	struct arena arena CLEANUP_ARENA;
	struct str grade = STR_NONE, role = STR_NONE;
	bool is_dry = false;
	const struct option options[] = {
		{"grade", &grade}, {"role", &role}, {"dry-run", NULL, &is_dry}, {NULL, NULL}};
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
	int status = str_eq(what, STR("list"))  ? list(&cx)
		     : str_eq(what, STR("add")) ? add(&cx, line.arguments[1], grade, role)
		     : str_eq(what, STR("import"))
			     ? user_import(&cx, line.arguments[1], is_dry)
			     : change(&cx, what, line.arguments[1], line.arguments[2]);
	portal_close(portal);
	return status;
}
