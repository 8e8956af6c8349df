/* Who is who: the people a portal knows (P1), and the words for them. */
#pragma once

#include "store/users.h"

/* What others call this person: the name, or the address until there is one. */
struct str user_label(const struct user *user);
/* The folded name that users_find() searches: " anna weber". */
struct str user_name_key(struct arena *arena, struct str name);
struct users_keys user_keys(struct arena *arena, const struct user *user);

/* Words for scripts and the API: "guest", "professional"; "member", "administrator"; "invited",
 * "active", "disabled"; "managed", "strict". */
const char *user_grade_word(enum grade grade);
const char *user_role_word(enum role role);
const char *user_state_word(enum user_state state);
const char *user_custody_word(enum custody custody);
enum err user_grade_parse(struct str word, enum grade *ret) MUST_CHECK;
enum err user_role_parse(struct str word, enum role *ret) MUST_CHECK;
enum err user_state_parse(struct str word, enum user_state *ret) MUST_CHECK;
enum err user_custody_parse(struct str word, enum custody *ret) MUST_CHECK;
