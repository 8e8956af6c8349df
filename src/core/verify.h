/* What holds of a signed document, and what does not (P6): for anybody, without the portal and
 * without asking anyone. Nobody is trusted but who the caller knows. */
#pragma once

#include "base/clock.h"
#include "crypto/certificate.h"
#include "pdf/pdf.h"

/* A certificate that the caller knows: of an authority, or of a signer. */
struct verify_known {
	uint8_t sha256[32];
};

enum verify_kind {
	VERIFY_CERTIFICATION = 1, /* allows only some changes from then on */
	VERIFY_SIGNATURE,
	VERIFY_SEAL, /* allows none */
	VERIFY_STAMP,
};
enum verify_state {
	VERIFY_GOOD = 1,
	/* What it covers is as it was signed; pages or fields came after it, which it allows, and a
	 * later signature covers them. */
	VERIFY_ADDED_TO,
	VERIFY_CHANGED_AFTER, /* itself good, but what was done afterwards it does not allow */
	VERIFY_CHANGED,       /* what it covers is not what was signed */
	VERIFY_GAPS,          /* it leaves out more than itself: who knows what stood there */
	VERIFY_FORGED,        /* it does not belong to its certificate */
	VERIFY_NO_CHAIN,      /* the certificates that came along do not hang together */
	VERIFY_BAD_STAMP,     /* its time stamp is not genuine, or belongs to something else */
	VERIFY_WEAK,
	VERIFY_NOT_UNDERSTOOD,
};
/* All text of it is from outside: one line of UTF-8, what cannot be shown is U+FFFD. */
struct verify_signature {
	enum verify_kind kind;
	enum verify_state state;
	struct str field, claimed_name, reason; /* as the document says; may be empty */
	int64_t claimed_ms;                     /* 0: it does not say */
	struct certificate_facts signer;        /* of VERIFY_STAMP: only the name */
	bool is_chain_good;                     /* its issuers have signed each other's */
	bool has_bad_stamp;                     /* there is one, of something else or not genuine */
	bool is_self_signed;                    /* nobody stands behind it */
	struct str root;                        /* the topmost issuer's name */
	uint8_t root_sha256[32];
	bool is_known;      /* it or an issuer of it, and all were valid then */
	bool is_in_time;    /* all were valid when it was stamped, or now */
	int64_t stamped_ms; /* 0: no good time stamp */
	struct str stamped_by;
	bool covers_all;     /* of the document as it now is */
	int64_t until_bytes; /* else so much of its beginning */
	struct str changed;  /* what was changed or added after it */
};
enum verify_verdict {
	VERIFY_HOLDS = 1, /* every signature is good, or was only added to, and all is covered */
	VERIFY_BROKEN,
	VERIFY_UNCHECKED, /* none is broken, but not everything could be checked */
	VERIFY_ADDED,     /* every signature is good, but none covers the end of the document */
	VERIFY_UNSIGNED,
};
struct verify_report {
	enum verify_verdict verdict;
	bool is_known; /* it holds, and the last one, which stands for the whole, is by a known one
			*/
	bool has_unsigned_end;
	bool was_added_to;  /* it holds, but not every signature is of all that is there */
	bool is_unfinished; /* not sealed, and there are places for more signatures */
	uint8_t sha256[32]; /* of the whole document */
	int64_t bytes;
	struct verify_signature *signatures; /* oldest first */
	size_t count;
};
/* Errors as of pdf_signatures(). */
enum err verify_document(struct pdf_workers *workers, const struct pdf_bytes *document,
			 const struct verify_known *known, size_t known_count, int64_t now_ms,
			 struct arena *arena, struct verify_report *ret,
			 enum pdf_refusal *ret_refusal) MUST_CHECK;
