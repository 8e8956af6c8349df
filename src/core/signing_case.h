/* For core/signing*.c: one request as the acting person has it, with everything that is read of it.
 */
#pragma once

#include "core/signing.h"
#include "core/signing_crypt.h"
#include "store/messages.h"

struct signing_case {
	struct message_copy copy;
	struct secret *message_key;
	struct secret *key; /* core/signing_crypt.h */
	struct signing signing;
	struct signing_plan plan; /* its fields name their signers by id */
	/* signing_count of them, in order. */
	struct signing_person *people;
	struct user *users;
	struct user sender;
	/* document_count of them, in order. */
	struct signing_file *files;
	struct signing_head *heads;
	struct signing_event *events;
	struct signing_detail *details;
	size_t event_count;
	int64_t me; /* among the signers; -1: the acting person is none */
};

/* ERR_NOT_FOUND: no such message, not theirs, or nothing to sign. ERR_CONFLICT: it was recalled
 * from them. ERR_CORRUPT: an alarm was logged. Close it whatever comes of it. */
enum err signing_case_open(struct cx *cx, const struct id *message_id,
			   struct signing_case *ret) MUST_CHECK;
void signing_case_close(struct signing_case *one);
#define CLEANUP_SIGNING_CASE __attribute__((cleanup(signing_case_close)))

/* As they stand by now. */
enum err signing_case_read_events(struct cx *cx, struct signing_case *one) MUST_CHECK;

bool signing_case_is_sender(const struct cx *cx, const struct signing_case *one);
/* Has to do something still, and was disabled (P1.7): they get in nowhere. */
bool signing_case_is_gone(const struct signing_case *one, int64_t at);
/* Whether this signer has a place for a signature in any document; else there is one for them on
 * each certificate page. */
bool signing_case_has_place(const struct signing_case *one, const struct id *user_id);
/* The id of the value for that. */
extern const struct str signing_case_block_id;

/* For core/ where a request has to be found without its key. ERR_NOT_FOUND. */
enum err signing_case_message_of(struct db *db, struct arena *arena, const struct id *message_id,
				 struct signing *ret,
				 struct signing_person **ret_people) MUST_CHECK;
/* A document as it now stands. Free *ret with pdf_bytes_free() whatever comes of it. */
enum err signing_case_read(struct cx *cx, const struct signing_case *one, int64_t position,
			   struct pdf_bytes *ret) MUST_CHECK;
