#include "core/user.h"

#include "core/domain.h"
#include "core/fold.h"

struct str user_label(const struct user *user)
{
	return user->name.len > 0 ? user->name : user->address;
}

struct str user_name_key(struct arena *arena, struct str name)
{
	struct str folded;
	if (name.len == 0 || fold_text(arena, name, &folded) != OK)
		return STR("");
	return arena_printf(arena, " %.*s", STR_ARGS(folded));
}

static struct str address_words(struct arena *arena, struct str address_key)
{
	struct str folded;
	ptrdiff_t at = str_find_char(address_key, '@');
	if (at < 0)
		return STR("");
	struct str domain = str_slice(address_key, (size_t)at + 1, address_key.len);
	struct str readable = arena_printf(arena, "%.*s@%.*s", (int)at, address_key.data,
					   STR_ARGS(domain_readable(arena, domain)));
	if (fold_text(arena, readable, &folded) != OK || str_eq(folded, address_key))
		return STR("");
	return folded;
}

struct users_keys user_keys(struct arena *arena, const struct user *user)
{
	return (struct users_keys){
		.name = user_name_key(arena, user->name),
		.address = address_words(arena, user->address_key),
	};
}

const char *user_grade_word(enum grade grade)
{
	return grade == GRADE_PROFESSIONAL ? "professional" : "guest";
}

const char *user_role_word(enum role role)
{
	return role == ROLE_ADMINISTRATOR ? "administrator" : "member";
}

const char *user_state_word(enum user_state state)
{
	static const char *const words[] = {
		[USER_INVITED] = "invited",
		[USER_ACTIVE] = "active",
		[USER_DISABLED] = "disabled",
	};
	return words[state];
}

const char *user_custody_word(enum custody custody)
{
	return custody == CUSTODY_STRICT ? "strict" : "managed";
}

enum err user_grade_parse(struct str word, enum grade *ret)
{
	if (str_eq(word, STR("guest")))
		*ret = GRADE_GUEST;
	else if (str_eq(word, STR("professional")))
		*ret = GRADE_PROFESSIONAL;
	else
		return ERR_INVALID;
	return OK;
}

enum err user_role_parse(struct str word, enum role *ret)
{
	if (str_eq(word, STR("member")))
		*ret = ROLE_MEMBER;
	else if (str_eq(word, STR("administrator")))
		*ret = ROLE_ADMINISTRATOR;
	else
		return ERR_INVALID;
	return OK;
}

enum err user_state_parse(struct str word, enum user_state *ret)
{
	for (enum user_state state = USER_INVITED; state <= USER_DISABLED; state++) {
		if (str_eq(word, str_of(user_state_word(state)))) {
			*ret = state;
			return OK;
		}
	}
	return ERR_INVALID;
}

enum err user_custody_parse(struct str word, enum custody *ret)
{
	if (str_eq(word, STR("managed")))
		*ret = CUSTODY_MANAGED;
	else if (str_eq(word, STR("strict")))
		*ret = CUSTODY_STRICT;
	else
		return ERR_INVALID;
	return OK;
}
