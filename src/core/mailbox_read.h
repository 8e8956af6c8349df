/* For core/: what lists, a message and a conversation have in common: keys opened, keys re-wrapped,
 * people named. */
#pragma once

#include "core/mailbox.h"
#include "core/message_key.h"

/* *ret stays NULL for what fails its check: it is shown as unreadable. Memory that ran out is no
 * reason to say so. */
enum err mailbox_read_key(struct cx *cx, const struct message_copy *copy,
			  struct secret **ret) MUST_CHECK;
/* Whether the reader may have the body now: it has not ended, and is not confidential or they have
 * given their password for it. Everything that looks into bodies asks this. */
bool mailbox_read_allows_body(struct cx *cx, const struct message_copy *copy);
/* *ret.data stays NULL for what fails its check. ERR_NOT_FOUND: a body that is not allowed. */
enum err mailbox_read_part(struct cx *cx, const struct message_copy *copy, enum message_part part,
			   const struct secret *key, struct str *ret) MUST_CHECK;

/* A sealed key is opened once, then kept under the mailbox key (ARCHITECTURE, Keys): what has to be
 * written for that after reading. */
struct rewrapped {
	struct rewrapped *next;
	struct delivery old, new;
	struct id sender_id;
};
struct rewrap {
	size_t quotes_left; /* of LIMIT_CONVERSATION_QUOTES */
	struct rewrapped *first;
	size_t count;
};

/* opened_ms: 0 for what was only listed, not opened. */
void mailbox_read_rewrap(struct cx *cx, struct rewrap *rewrap, const struct message_copy *copy,
			 const struct secret *key, int64_t opened_ms);
/* Reading goes on when nothing can be written, disk full say: the next reading tries again. */
void mailbox_read_finish(struct cx *cx, struct rewrap *rewrap);

/* Messages as they stand in lists. */
enum err mailbox_read_rows(struct cx *cx, struct db *db, const struct message_copy *copies,
			   size_t count, struct rewrap *rewrap,
			   struct message_row **ret) MUST_CHECK;
/* The page of a list out of one more copy than asked for: that tells whether there is a next page.
 */
enum err mailbox_read_page(struct cx *cx, struct db *db, const struct message_copy *copies,
			   size_t count, int64_t limit, struct rewrap *rewrap,
			   struct message_list *ret) MUST_CHECK;

/* What of a message is decrypted. */
enum mailbox_read_parts {
	MAILBOX_READ_SUBJECT = 1,
	MAILBOX_READ_BODY = 2,
	MAILBOX_READ_ALL = 3,
};

/* A message from its copy, without people. Reading its body opens it (P4.3). `parts`: enum
 * mailbox_read_parts. */
enum err mailbox_read_view(struct cx *cx, const struct message_copy *copy, unsigned parts,
			   struct rewrap *rewrap, struct message_view *ret) MUST_CHECK;
/* The labels on the message, and all that the reader has. */
enum err mailbox_read_labels(struct cx *cx, struct db *db, struct message_view *view,
			     struct label **ret_all, size_t *ret_count) MUST_CHECK;
/* What it forwards, as the reader has it; nothing when the view has no body. */
enum err mailbox_read_quoted(struct cx *cx, struct db *db, const struct message_copy *copy,
			     struct rewrap *rewrap, struct message_view *view) MUST_CHECK;
/* The first people_max who got it. */
enum err mailbox_read_people(struct cx *cx, struct db *db, const struct message *message,
			     int64_t people_max, struct message_view *view) MUST_CHECK;
/* How many files each has, by one statement. */
enum err mailbox_read_file_counts(struct cx *cx, struct db *db, const struct message_copy *copies,
				  size_t count, int64_t **ret) MUST_CHECK;
/* Its files, if it has any: by name when the reader may have the body, else only how many.
 * has_readers: for the sender also how many got each and can still open it. */
enum err mailbox_read_files(struct cx *cx, struct db *db, const struct message_copy *copy,
			    bool has_readers, struct message_view *view) MUST_CHECK;
