/* The documents to sign of a message, as its page shows them: how it stands in words, what can be
 * done, who signs, the documents, what happened (P6). */
#pragma once

#include "core/signing.h"

struct signing_card_person {
	int64_t number; /* in a sequence: 1, 2 ...; else 0 */
	struct str name;
	struct str address; /* empty when it is the name already */
	struct str state;
	struct str reason; /* why declined; may be empty */
	bool is_done, is_bad;
};
struct signing_card_document {
	int64_t position;
	struct id file_id; /* the sealed copy, when it is sealed */
	bool is_sealed;
	struct str name;
	struct str facts; /* "3 pages · 120 KB" */
	struct str original_sha256, sha256;
	bool is_changed; /* the two differ */
};
struct signing_card_event {
	struct str who, words;
	struct str when, when_iso;
};
enum signing_tone { SIGNING_TONE_ASKS, SIGNING_TONE_WAITS, SIGNING_TONE_DONE, SIGNING_TONE_ENDED };
struct signing_card {
	bool is_shown;
	struct id message_id;
	enum signing_tone tone;
	struct str title, lead;
	struct str trouble;  /* to the sender: what holds it up; may be empty */
	struct str reason;   /* why it was cancelled; may be empty */
	struct str deadline; /* a sentence; empty: none, or it does not matter any more */
	struct signing_card_person *people;
	size_t count;
	int64_t signed_count;
	struct signing_card_document *documents;
	size_t document_count;
	struct signing_card_event *events;
	size_t event_count;
	bool can_sign, can_decline, can_cancel, can_remind;
	bool is_sealed, has_zip;
	bool sender_signs;
};

/* Of a message without documents to sign, or that was recalled or asks for its password first:
 * is_shown is false. is_mine: the reader sent it. sender: their name. */
enum err signing_card_fill(struct cx *cx, const struct id *message_id, bool is_mine,
			   struct str sender, struct signing_card *ret) MUST_CHECK;
