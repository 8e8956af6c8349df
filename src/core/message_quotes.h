/* For core/: what a message quotes. A forward and an answer hold no text but their own: whoever
 * gets one and does not have the message behind it gets a delivery of that, RECIPIENT_QUOTED, so
 * that every right to a message is a row that a recall or its date can end (P4.4). */
#pragma once

#include "base/limits.h"
#include "core/message_sending.h"
#include "crypto/secret.h"

/* A file of one of them that the sender can open. */
struct message_quotes_file {
	struct id file_id;
	struct secret *key;
};

/* The message answered or forwarded, what that forwards, and so on. */
struct message_quotes {
	struct message messages[LIMIT_FORWARD_CHAIN];
	struct secret *keys[LIMIT_FORWARD_CHAIN];
	struct message_quotes_file *files[LIMIT_FORWARD_CHAIN];
	size_t file_counts[LIMIT_FORWARD_CHAIN];
	size_t count;
};

/* Opens the keys of what may be handed on; fills sources of `sending`, and makes room for its
 * quoted. ERR_INVALID with errors: it was forwarded too often, or has too many files. */
enum err message_quotes_open(struct cx *cx, const struct checked *checked,
			     struct message_quotes *ret, struct sending *sending,
			     struct form_errors *errors) MUST_CHECK;
/* Adds to quoted and quoted_files of `sending` what this user does not have yet. */
enum err message_quotes_add(struct cx *cx, const struct message_quotes *quotes,
			    const struct user *user, struct sending *sending) MUST_CHECK;
void message_quotes_close(struct message_quotes *quotes);
#define CLEANUP_MESSAGE_QUOTES __attribute__((cleanup(message_quotes_close)))

/* Seals the key of a message to a user: fills sealed and, for one that expires, notice. */
enum err message_quotes_seal(struct cx *cx, const struct message *message, const struct user *user,
			     const struct secret *key, struct delivery *delivery) MUST_CHECK;
