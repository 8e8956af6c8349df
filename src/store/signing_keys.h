/* Table signing_keys: the certificates by which the portal signs documents, with their private keys
 * as ciphertext. Authenticated. The certificate of one that has ended stays, so that what it signed
 * is known for the portal's own. */
#pragma once

#include "store/db_list.h"

/* Stored as these numbers; never renumber. */
enum signing_key_kind {
	SIGNING_KEY_AUTHORITY = 1, /* the portal's own: issues a certificate for each signature */
	SIGNING_KEY_SEAL = 2,      /* of a real authority: signs the final seal */
};

struct signing_key_row {
	enum signing_key_kind kind;
	int64_t created_ms;     /* no two of a kind have the same */
	int64_t ended_ms;       /* 0: in use */
	struct str wrapped;     /* ciphertext of the key with its chain; empty once it has ended */
	struct str certificate; /* DER */
};

/* ERR_CONFLICT: there is one of this kind and time. */
enum err signing_keys_insert(struct db *db, const struct signing_key_row *row) MUST_CHECK;
/* The newest of this kind that is in use. ERR_NOT_FOUND: none. */
enum err signing_keys_current(struct db *db, struct arena *arena, enum signing_key_kind kind,
			      struct signing_key_row *ret) MUST_CHECK;
/* Destroys the key: only the certificate stays. ERR_CONFLICT: it has ended already. */
enum err signing_keys_end(struct db *db, const struct signing_key_row *row,
			  int64_t ended_ms) MUST_CHECK;
/* All of a kind, newest first; rows that fail their check are left out and counted. */
enum err signing_keys_list(struct db *db, struct arena *arena, enum signing_key_kind kind,
			   struct signing_key_row **ret, size_t *ret_count,
			   int64_t *ret_bad) MUST_CHECK;
