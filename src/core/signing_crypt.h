/* For core/signing*.c: what a request keeps encrypted, all of it under one key from its message's:
 *
 *   message key --> signing key --> plan, heads of documents, details of events
 *                        `--------> the random key of each version of a document
 *
 * So who has the message has the documents as they now stand, and a recall takes both. */
#pragma once

#include "core/cx.h"
#include "store/signings.h"

enum { SIGNING_SHA256_BYTES = 32 };

/* A document as it now stands, and as it came. */
struct signing_head {
	struct str name;
	int64_t pages; /* as it came */
	int64_t original_bytes, bytes;
	uint8_t original_sha256[SIGNING_SHA256_BYTES], sha256[SIGNING_SHA256_BYTES];
};

/* What one event did to one document. */
struct signing_change {
	int64_t position;
	uint8_t before[SIGNING_SHA256_BYTES], after[SIGNING_SHA256_BYTES];
	int64_t stamped_ms; /* by a time-stamp server; 0: none */
};
/* What is known of an event: by whom, from where, of what (P6: evidence). Empty where it does not
 * apply. */
struct signing_detail {
	struct str name, address;      /* of who did it, as they were then */
	struct str remote, user_agent; /* network address, program */
	int64_t proof_kind, proof_ms;  /* by which link the address was proven; 0: not known */
	struct str proof;              /* digest of that link */
	struct str consent;            /* what was agreed to, as it was shown */
	struct str reason;
	bool has_password; /* given again, just before */
	const struct signing_change *changes;
	size_t change_count;
};

enum err signing_crypt_key(const struct secret *message_key, struct secret **ret) MUST_CHECK;

enum err signing_crypt_plan(struct cx *cx, const struct id *message_id, const struct secret *key,
			    struct str plain, struct str *ret) MUST_CHECK;
enum err signing_crypt_plan_open(struct cx *cx, const struct signing *signing,
				 const struct secret *key, struct str *ret) MUST_CHECK;

/* Fills head and key of the row; its ids and its revision are set. */
enum err signing_crypt_file(struct cx *cx, const struct secret *key,
			    const struct secret *version_key, const struct signing_head *head,
			    struct signing_file *file) MUST_CHECK;
enum err signing_crypt_head_open(struct cx *cx, const struct signing_file *file,
				 const struct secret *key, struct signing_head *ret) MUST_CHECK;
enum err signing_crypt_version_key(const struct signing_file *file, const struct secret *key,
				   struct secret **ret) MUST_CHECK;

/* Fills detail of the event; its other fields but the number are set. */
enum err signing_crypt_event(struct cx *cx, const struct secret *key,
			     const struct signing_detail *detail,
			     struct signing_event *event) MUST_CHECK;
/* Of one that the portal wrote itself, without a key: empty. */
enum err signing_crypt_event_open(struct cx *cx, const struct signing_event *event,
				  const struct secret *key, struct signing_detail *ret) MUST_CHECK;
