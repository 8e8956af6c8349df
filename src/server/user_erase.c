#include "server/user_erase.h"

#include "core/people.h"
#include "core/people_erase.h"

#include <stdio.h>
#include <stdlib.h>

static void say_item(struct cx *cx, enum text_id id, int64_t count, struct str size)
{
	struct str text = TEXT_FILL(cx->arena, cx->language, id, TEXT_NUMBER("count", count),
				    TEXT_ARG("size", size));
	printf("  - %.*s\n", STR_ARGS(text));
}

static void say_line(struct cx *cx, enum text_id id)
{
	printf("%.*s\n", STR_ARGS(text_get(cx->language, id)));
}

/* As the page has it. */
static void say_effect(struct cx *cx, const struct user *user, const struct erase_counts *counts)
{
	const struct {
		enum text_id id;
		int64_t count;
		bool is_said; /* none of it is not worth a line */
	} gone[] = {
		{TEXT_ADMIN_USERS_ERASE_NAME, 0, true},
		{TEXT_ADMIN_USERS_ERASE_KEYS, counts->ways_in, true},
		{TEXT_ADMIN_USERS_ERASE_MESSAGES, counts->messages, true},
		{TEXT_ADMIN_USERS_ERASE_ALONE, counts->alone, counts->alone > 0},
		{TEXT_ADMIN_USERS_ERASE_DRAFTS, counts->drafts, counts->drafts > 0},
		{TEXT_ADMIN_USERS_ERASE_FILES, counts->files,
		 counts->files > 0 || counts->bytes > 0},
		{TEXT_ADMIN_USERS_ERASE_TO_SIGN, counts->to_sign, counts->to_sign > 0},
		{TEXT_ADMIN_USERS_ERASE_ASKED_FOR, counts->asked_for, counts->asked_for > 0},
	};
	struct str size = format_size(cx->arena, cx->language, counts->bytes);
	struct str title =
		TEXT_FILL(cx->arena, cx->language, TEXT_COMMAND_ERASE_WHO,
			  TEXT_ARG("name", user_label(user)), TEXT_ARG("address", user->address));
	printf("%.*s\n", STR_ARGS(title));
	say_line(cx, TEXT_ADMIN_USERS_ERASE_GONE);
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		if (gone[i].is_said)
			say_item(cx, gone[i].id, gone[i].count, size);
	say_line(cx, TEXT_ADMIN_USERS_ERASE_STAYS);
	say_item(cx, TEXT_ADMIN_USERS_ERASE_KEPT, counts->messages - counts->alone, size);
	say_item(cx, TEXT_ADMIN_USERS_ERASE_LOG, 0, size);
	say_item(cx, TEXT_ADMIN_USERS_ERASE_BACKUPS, 0, size);
	say_line(cx, TEXT_ADMIN_USERS_ERASE_WARNING);
}

/* False: nothing was typed. */
static bool ask(struct cx *cx, const struct user *user, struct str *ret)
{
	enum { LINE_BYTES = 1024 };
	char line[LINE_BYTES];
	struct str text = TEXT_FILL(cx->arena, cx->language, TEXT_COMMAND_ERASE_TYPE,
				    TEXT_ARG("address", user->address));
	printf("%.*s ", STR_ARGS(text));
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return false;
	*ret = arena_copy(cx->arena, str_trim(str_of(line)));
	return ret->len > 0;
}

static int fail(struct cx *cx, struct str address, enum err err, const struct form_errors *errors)
{
	if (errors->count > 0)
		fprintf(stderr, "postern: %.*s\n", STR_ARGS(errors->items[0].detail));
	else if (err == ERR_NOT_FOUND || err == ERR_INVALID)
		COMPLAIN(cx->arena, TEXT_COMMAND_USER_UNKNOWN, TEXT_ARG("address", address));
	else if (err != OK)
		COMPLAIN(cx->arena, TEXT_COMMAND_FAILED, TEXT_ARG("reason", str_of(err_name(err))));
	COMPLAIN(cx->arena, TEXT_COMMAND_ERASED_NOTHING);
	return EXIT_FAILURE;
}

int user_erase(struct cx *cx, struct str address, bool is_sure)
{
	struct form_errors errors = {.count = 0};
	struct erase_counts counts;
	struct user user;
	struct str typed = STR_NONE;
	enum err err = people_find(cx, address, &user);
	if (err == OK)
		err = people_erase_look(cx, &user.id, &user, &counts);
	if (err != OK)
		return fail(cx, address, err, &errors);
	say_effect(cx, &user, &counts);
	if (!is_sure && !ask(cx, &user, &typed))
		return fail(cx, address, OK, &errors);
	err = people_erase(cx, &user.id, is_sure ? NULL : &typed, &errors);
	if (err != OK)
		return fail(cx, address, err, &errors);
	struct str text = TEXT_FILL(cx->arena, cx->language, TEXT_COMMAND_ERASED,
				    TEXT_ARG("address", user.address));
	printf("%.*s\n", STR_ARGS(text));
	return EXIT_SUCCESS;
}
