/* Who is who: the people a portal knows (P1). */
#pragma once

#include "base/arena.h"
#include "base/id.h"
#include "crypto/seal.h"

/* Stored as these numbers; never renumber. */
enum grade { GRADE_GUEST = 1, GRADE_PROFESSIONAL = 2 };
enum role { ROLE_MEMBER = 0, ROLE_ADMINISTRATOR = 1 };
enum user_state {
	USER_INVITED = 1, /* has been written to, has not registered */
	USER_ACTIVE = 2,
	USER_DISABLED = 3, /* keeps everything, gets in nowhere (P1.7) */
};
enum custody {
	CUSTODY_MANAGED = 1, /* the portal key opens the private key too: a reset by e-mail keeps the mail */
	CUSTODY_STRICT = 2,  /* only the user's own ways in do */
};

struct user {
	struct id id;
	struct str address;     /* as first written */
	struct str address_key; /* normalised: equal means same mailbox */
	struct str name;        /* empty until registered */
	enum grade grade;
	enum role role;
	enum user_state state;
	enum custody custody;
	uint8_t public_key[PUBLIC_KEY_BYTES];
	int64_t version;        /* counts every change of the fields above */
	struct id invited_by;   /* empty: by set-up or an administrator's command */
	int64_t created_ms;
	int64_t seen_ms;        /* last sign-in; 0: never */
	struct str language;    /* BCP 47; empty: English */
	struct str zone;        /* IANA; empty: UTC */
};

/* What others call this person: the name, or the address until there is one. */
struct str user_label(const struct user *user);

/* Words for scripts and the API: "guest", "professional"; "invited", "active", "disabled"; "managed", "strict". */
const char *grade_word(enum grade grade);
const char *user_state_word(enum user_state state);
const char *custody_word(enum custody custody);
enum err grade_parse(struct str word, enum grade *ret) MUST_CHECK;
enum err custody_parse(struct str word, enum custody *ret) MUST_CHECK;
