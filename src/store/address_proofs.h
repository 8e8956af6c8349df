/* Table address_proofs: by which mailed link somebody has shown that an e-mail address is theirs.
 * Authenticated. Of people who registered before there was this table there is none. */
#pragma once

#include "crypto/digest.h"
#include "store/db.h"

/* Stored as these numbers; never renumber. */
enum address_proof_kind {
	ADDRESS_PROOF_INVITATION = 1, /* they registered by it */
	ADDRESS_PROOF_RESET = 2,      /* a new password by it */
	ADDRESS_PROOF_CHANGE = 3,     /* a new address */
};
struct address_proof {
	struct id user_id;
	int64_t at_ms;
	enum address_proof_kind kind;
	struct str address; /* as it was then, normalised */
	struct str link;    /* BLAKE2b-256 of the link's secret (way_in.secret_hash) */
};
/* In the transaction in which the link is spent. */
enum err address_proofs_add(struct db *db, const struct address_proof *proof) MUST_CHECK;
/* The newest for this address. ERR_NOT_FOUND: none. */
enum err address_proofs_newest(struct db *db, struct arena *arena, const struct id *user_id,
			       struct str address, struct address_proof *ret) MUST_CHECK;
/* For checking everything: adds to *ret how many of this person fail their check. */
enum err address_proofs_count_bad(struct db *db, struct arena *arena, const struct id *user_id,
				  int64_t *ret) MUST_CHECK;
