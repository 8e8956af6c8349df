/* Tables signings, signing_people, signing_files, signing_events: requests to sign documents (P6),
 * each beside the message that it is. Authenticated; a row that fails is ERR_CORRUPT and an alarm.
 */
#pragma once

#include "store/files.h"

/* Stored as these numbers; never renumber. */
enum signing_state {
	SIGNING_OPEN = 1,
	SIGNING_COMPLETED = 2,
	SIGNING_DECLINED = 3,
	SIGNING_EXPIRED = 4,
	SIGNING_CANCELLED = 5,
};
enum signing_order { SIGNING_ALL_AT_ONCE = 1, SIGNING_IN_SEQUENCE = 2 };
enum signer_state {
	SIGNER_WAITING = 1, /* for others to sign first */
	SIGNER_ASKED = 2,
	SIGNER_SIGNED = 3,
	SIGNER_DECLINED = 4,
};

struct signing {
	struct id message_id;
	struct id sender_id;
	enum signing_state state;
	enum signing_order order;
	bool wants_password; /* again, before each signature */
	int64_t created_ms, ended_ms;
	int64_t deadline_ms;      /* 0: none */
	int64_t remind_after_ms;  /* first reminder so long after being asked; 0: none */
	int64_t remind_every_ms;  /* and then; 0: no further */
	int64_t remind_before_ms; /* so long before the deadline; 0: none */
	int64_t next_ms;          /* when housekeeping has to look at it; 0: never */
	int64_t version;          /* counts every change */
	int64_t signer_count, document_count; /* so that none of their rows can be taken out */
	struct str plan; /* ciphertext under the message key: fields (core/signing_plan.h) */
};
struct signing_person {
	struct id message_id;
	struct id user_id;
	int64_t position; /* among the signers: 0, 1 ... */
	enum signer_state state;
	int64_t asked_ms, reminded_ms, ended_ms; /* 0: not yet */
	int64_t reminders;
};
/* One document as it now stands. */
struct signing_file {
	struct id message_id;
	int64_t position;      /* 0, 1 ... */
	struct id original_id; /* what was uploaded */
	struct id file_id;     /* the current version */
	int64_t revision;      /* 0: as prepared; counts versions */
	struct str key;        /* of the version, under a key from the message key */
	struct str head; /* ciphertext: name, pages, sizes and SHA-256 of original and version */
};
struct signing_event {
	struct id message_id;
	int64_t number; /* 1, 2 ... */
	int64_t kind;   /* enum audit_kind */
	int64_t at_ms;
	struct id user_id; /* empty: the portal */
	struct str
		detail; /* ciphertext under the message key: address, program, hashes, reason ... */
};

/* ---- requests ---- */

/* ERR_CONFLICT: the message has one. */
enum err signings_insert(struct db *db, const struct signing *signing) MUST_CHECK;
/* ERR_NOT_FOUND: the message is none. */
enum err signings_get(struct db *db, struct arena *arena, const struct id *message_id,
		      struct signing *ret) MUST_CHECK;
/* Writes state, ended_ms and next_ms, and counts the version up. ERR_CONFLICT: it has another
 * version than `old` by now. */
enum err signings_update(struct db *db, const struct signing *old,
			 const struct signing *next) MUST_CHECK;
/* Open ones whose next_ms has come, longest ago first. */
enum err signings_due(struct db *db, struct arena *arena, int64_t now_ms, int64_t limit,
		      struct id **ret, size_t *ret_count) MUST_CHECK;
/* Of a sender or signer, newest first, below the id `before` (empty: from the top). */
enum signings_which {
	SIGNINGS_ALL,
	SIGNINGS_TO_SIGN, /* it is their turn */
	SIGNINGS_WAITING, /* open, and it is for others to sign */
	SIGNINGS_FINISHED,
};
enum err signings_of_user(struct db *db, struct arena *arena, const struct id *user_id,
			  enum signings_which which, const struct id *before, int64_t limit,
			  struct id **ret, size_t *ret_count) MUST_CHECK;
/* How many wait for them to sign; counting stops at 100. */
enum err signings_count_to_sign(struct db *db, const struct id *user_id, int64_t *ret) MUST_CHECK;
/* Whether they ever sent one, or were asked to sign. */
enum err signings_has_any(struct db *db, const struct id *user_id, bool *ret) MUST_CHECK;
/* With its message, which nobody has any more: its documents are loose then. */
enum err signings_delete(struct db *db, const struct id *message_id) MUST_CHECK;
/* For checking everything: the next rows by id. */
enum err signings_page(struct db *db, struct arena *arena, int64_t limit, struct page *page,
		       struct signing **ret) MUST_CHECK;

/* ---- signers ---- */

enum err signing_people_insert(struct db *db, const struct signing_person *person) MUST_CHECK;
/* In order. ERR_CORRUPT: one fails its check, or they are not all. */
enum err signing_people_of(struct db *db, struct arena *arena, const struct signing *signing,
			   struct signing_person **ret) MUST_CHECK;
/* In place of `old`. ERR_CONFLICT: it has changed. */
enum err signing_people_update(struct db *db, const struct signing_person *old,
			       const struct signing_person *next) MUST_CHECK;

/* ---- documents ---- */

/* A file that is ready; it counts as sent from now on. */
enum err signing_files_insert(struct db *db, const struct signing_file *file) MUST_CHECK;
/* In order. ERR_CORRUPT: as above. */
enum err signing_files_of(struct db *db, struct arena *arena, const struct signing *signing,
			  struct signing_file **ret) MUST_CHECK;
/* The next version: file_id, revision, key and head of `next`. The one before is loose then.
 * ERR_CONFLICT: it has another revision by now. */
enum err signing_files_replace(struct db *db, const struct signing_file *old,
			       const struct signing_file *next) MUST_CHECK;

/* ---- history ---- */

/* Behind the last one of its request, and in the audit chain: number is given here. */
enum err signing_events_add(struct db *db, const struct signing_event *event) MUST_CHECK;
/* In order. ERR_CORRUPT: one fails its check or is missing. */
enum err signing_events_of(struct db *db, struct arena *arena, const struct id *message_id,
			   struct signing_event **ret, size_t *ret_count) MUST_CHECK;
/* How many; of one kind by one person, with a kind. */
enum err signing_events_count(struct db *db, const struct id *message_id, int64_t kind,
			      const struct id *user_id, int64_t *ret) MUST_CHECK;
