/* Table users: the people a portal knows (P1). Each row is authenticated; a row that fails is
 * ERR_CORRUPT and an alarm. */
#pragma once

#include "crypto/seal.h"
#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum grade { GRADE_GUEST = 1, GRADE_PROFESSIONAL = 2 };
enum role { ROLE_MEMBER = 0, ROLE_ADMINISTRATOR = 1 };
enum user_state {
	USER_INVITED = 1, /* has been written to, has not registered */
	USER_ACTIVE = 2,
	USER_DISABLED = 3, /* keeps everything, gets in nowhere (P1.7) */
};
enum custody {
	CUSTODY_MANAGED =
		1, /* the portal key opens the private key too: a reset by e-mail keeps the mail */
	CUSTODY_STRICT = 2, /* only the user's own ways in do */
};

struct user {
	struct id id;
	struct str address;     /* as first written */
	struct str address_key; /* normalised (core/address.h): equal means same mailbox */
	struct str name;        /* empty until registered */
	enum grade grade;
	enum role role;
	enum user_state state;
	bool is_registered; /* has been active once: what enabling again goes back to */
	enum custody custody;
	uint8_t public_key[PUBLIC_KEY_BYTES];
	int64_t version;      /* counts every change of the fields above */
	struct id invited_by; /* empty: by set-up or an administrator's command */
	int64_t created_ms;
	int64_t seen_ms;     /* last sign-in; 0: never */
	struct str language; /* BCP 47; empty: English */
	struct str zone;     /* IANA; empty: UTC */
};

/* For statements that join users: the columns in the order users_read() takes them, for a table
 * alias u. */
#define USERS_COLUMNS                                                                              \
	"u.id, u.address, u.address_key, u.name, u.grade, u.role, u.state, u.is_registered, "      \
	"u.custody, "                                                                              \
	"u.public_key, u.version, u.invited_by, u.created_ms, u.seen_ms, u.language, u.zone, "     \
	"u.mac"
enum { USERS_COLUMN_COUNT = 17 };
/* Reads and authenticates the user whose columns begin at `column`. */
enum err users_read(struct rows *rows, int column, struct arena *arena,
		    struct user *ret) MUST_CHECK;

enum err users_by_id(struct db *db, struct arena *arena, const struct id *id,
		     struct user *ret) MUST_CHECK;
/* By their own address or an alias of theirs (store/aliases.h). */
enum err users_by_key(struct db *db, struct arena *arena, struct str address_key,
		      struct user *ret) MUST_CHECK;
/* Only the version, as stored: to see whether a user read before has changed. */
enum err users_version(struct db *db, const struct id *id, int64_t *ret) MUST_CHECK;
/* What people are found by, folded; made by user_keys() (core/user.h). */
struct users_keys {
	struct str name; /* " anna weber"; empty until there is one */
	/* As people read it: "jorg@muller.example" where the key is "jörg@xn--mller-kva.example";
	 * empty where that is the same. */
	struct str address;
};
/* ERR_CONFLICT: the address is there already, or an alias. */
enum err users_insert(struct db *db, const struct user *user, struct users_keys keys) MUST_CHECK;
/* What is left of somebody who was erased: no name, no key, an address that is none. */
bool users_is_erased(const struct user *user);
/* Writes all but the id if the stored version is still user->version, and counts it up
 * (also in *user). ERR_CONFLICT: somebody changed it meanwhile, or has this address, as
 * their own or an alias. */
enum err users_update(struct db *db, struct user *user, struct users_keys keys) MUST_CHECK;
enum err users_set_seen(struct db *db, const struct id *id, int64_t seen_ms) MUST_CHECK;

/* Not disabled professionals: paying seats (P1.6). */
enum err users_count_seats(struct db *db, int64_t *ret) MUST_CHECK;
/* Administrators who can sign in. */
enum err users_count_administrators(struct db *db, int64_t *ret) MUST_CHECK;

/* People with a word of their name, or an address, that begins with `folded` (already folded); for
 * a viewer who is given in `known_to`, only professionals who share a message with that user.
 * Ordered by name. */
enum err users_find(struct db *db, struct arena *arena, struct str folded,
		    const struct id *known_to, int64_t limit, struct user **ret,
		    size_t *ret_count) MUST_CHECK;

/* A LIKE pattern for "`before`, then begins with": the wildcards in what was typed lose their
 * meaning. For statements that search users: before is "% " for name_key, "" for address_key. */
struct str users_like(struct arena *arena, const char *before, struct str folded);

/* The next users by id, at most limit. */
enum err users_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		    struct user **ret) MUST_CHECK;
