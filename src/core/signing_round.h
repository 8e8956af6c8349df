/* For core/signing*.c: one try of a signer to sign: new versions of all documents, on those that
 * stand now. Everything that its transaction writes is prepared before it. */
#pragma once

#include "core/signing_act.h"
#include "core/signing_cms.h"
#include "core/signing_mail.h"
#include "core/signing_values.h"
#include "core/signing_version.h"

/* Sealed copies, when the last one has signed. */
struct signing_copies {
	struct message_file *files;
	size_t file_count;
	struct file_delivery *deliveries;
	size_t delivery_count;
	struct user *readers; /* whose row must not have changed since their key was used */
	size_t reader_count;
};

struct signing_round {
	struct cx *cx;
	struct signing_case *one;
	const struct signing_marks *marks; /* of each document */
	struct signing_stamping *stamping;
	struct signing_detail evidence;
	int64_t now_ms;
	bool is_last;
	struct str subject; /* of the message */
	struct signing next;
	struct signing_person *next_people;
	struct signing_file *next_files;
	struct signing_version *versions;
	size_t version_count; /* stored */
	struct signing_event events[3];
	size_t event_count;
	struct signing_copies copies;
	struct signing_letter *letters; /* to the next one in a sequence; at the end to everybody */
	size_t letter_count;
	bool is_tried; /* a transaction has begun to write it */
	bool is_late, is_gone;
};

/* Stamps the acting signer's marks and signature on each document; of the last one the seal too.
 * ERR_UNAVAILABLE, ERR_BUSY with errors[""]; ERR_INVALID: a picture cannot be used. */
enum err signing_round_prepare(struct signing_round *round, const struct signing_act *act,
			       struct form_errors *errors) MUST_CHECK;
/* A store_fn. ERR_CONFLICT: somebody did something meanwhile: look again; or is_late, is_gone. */
enum err signing_round_write(struct db *db, void *round) MUST_CHECK;
/* err: what came of it. */
void signing_round_release(struct signing_round *round, enum err err);

/* core/signing_seal.c: the last signature of a document, on which nothing can follow. */
enum err signing_seal_document(struct signing_round *round, int64_t position,
			       const struct pdf_bytes *signed_document, struct pdf_open *ret,
			       int64_t *ret_stamped_ms, enum pdf_refusal *ret_refusal) MUST_CHECK;
/* Rows of the sealed copies: files of the message for everybody who has it. */
enum err signing_seal_copies(struct signing_round *round) MUST_CHECK;
enum err signing_seal_write(struct db *db, const struct signing_round *round) MUST_CHECK;
