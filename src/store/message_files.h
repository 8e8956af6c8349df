/* Tables message_files and file_deliveries: which files a message has, and whose key opens them
 * there. Authenticated. */
#pragma once

#include "store/deliveries.h"
#include "store/files.h"
#include "store/users.h"

struct message_file {
	struct id message_id;
	struct id file_id;
	int64_t position;    /* as attached: 0, 1 ... */
	struct id source_id; /* message that the sender had it from; empty: uploaded it */
	struct str head;     /* ciphertext under the message key: name, type, size, SHA-256, scan */
	int64_t recalled_ms; /* from everybody, the file alone; 0: not */
};

/* One reader's right to one file of one message; of the sender too. Exactly one of sealed and
 * wrapped is not empty until the end. It ends with the reader's delivery of the message at the
 * latest: store/deliveries*.c see to that. */
struct file_delivery {
	struct id message_id;
	struct id file_id;
	struct id user_id;
	struct str sealed;  /* the file key, sealed to the user's public key */
	struct str wrapped; /* the file key under the user's mailbox key */
	enum delivery_end ended;
	int64_t ended_ms; /* 0: live */
};

/* ERR_CONFLICT: there is no such file, or it is not ready. */
enum err message_files_insert(struct db *db, const struct message_file *file) MUST_CHECK;
/* ERR_CONFLICT: that user has one already, ended or not. */
enum err file_deliveries_insert(struct db *db, const struct file_delivery *delivery) MUST_CHECK;

/* A file of a message as one reader has it. */
struct message_file_copy {
	struct message_file file;
	struct file_delivery delivery; /* message_id empty: this reader has no right to it */
	bool is_authentic;             /* false: an alarm was logged; show nothing of it */
};
/* In order. The reader's right to the message itself is the caller's to have looked at. */
enum err message_files_of(struct db *db, struct arena *arena, const struct id *message_id,
			  const struct id *user_id, struct message_file_copy **ret,
			  size_t *ret_count) MUST_CHECK;
/* ERR_NOT_FOUND; ERR_CORRUPT. */
enum err message_files_get(struct db *db, struct arena *arena, const struct id *message_id,
			   const struct id *file_id, struct message_file *ret) MUST_CHECK;
/* Whether there is any, for many messages: counts by position in message_ids. */
enum err message_files_count(struct db *db, const struct id *message_ids, size_t count,
			     int64_t *ret_counts) MUST_CHECK;

/* All rights of one user to one file, live ones first, newest message first. */
enum err file_deliveries_of_user(struct db *db, struct arena *arena, const struct id *user_id,
				 const struct id *file_id, struct file_delivery **ret,
				 size_t *ret_count) MUST_CHECK;
/* Those of one message. */
enum err file_deliveries_get(struct db *db, struct arena *arena, const struct id *message_id,
			     const struct id *file_id, const struct id *user_id,
			     struct file_delivery *ret) MUST_CHECK;
/* Puts the key of `next` in place of that of `old`. ERR_NOT_FOUND: it has ended or has another key
 * by now; nothing was changed. */
enum err file_deliveries_rewrap(struct db *db, const struct file_delivery *old,
				const struct file_delivery *next) MUST_CHECK;
/* Takes the key away for ever. *ret_changes: 0 when there was none any more. A row that fails its
 * check loses its key too, and goes on failing. */
enum err file_deliveries_end(struct db *db, const struct id *message_id, const struct id *file_id,
			     const struct id *user_id, enum delivery_end end, int64_t ended_ms,
			     int64_t *ret_changes) MUST_CHECK;
/* The file is recalled from everybody. ERR_NOT_FOUND: that is said already. */
enum err message_files_set_recalled(struct db *db, const struct message_file *file,
				    int64_t recalled_ms) MUST_CHECK;
/* Everybody but the sender who has a right to this file of this message, ended or not, in the order
 * of their ids; rows that fail their check too (is_authentic). */
struct file_holder {
	struct file_delivery delivery;
	bool is_authentic;
};
enum err file_deliveries_of_file(struct db *db, struct arena *arena, const struct id *message_id,
				 const struct id *file_id, struct file_holder **ret,
				 size_t *ret_count) MUST_CHECK;
/* Messages in which a file was sent on by one of its readers: source_id is this message. */
struct file_passed_on {
	struct id message_id;
	struct id sender_id;
};
enum err message_files_passed_on(struct db *db, struct arena *arena, const struct id *message_id,
				 const struct id *file_id, struct file_passed_on **ret,
				 size_t *ret_count) MUST_CHECK;
/* Messages by which the files of this one came to its sender, as a list: each is put behind *last,
 * which moves on. */
struct message_source {
	struct message_source *next;
	struct id id;
};
enum err message_files_sources(struct db *db, struct arena *arena, const struct id *message_id,
			       struct message_source **last) MUST_CHECK;
/* Whether a file that came with this message was sent on by one that is still there: then the
 * message stays too, for its recall and its end to go by. */
enum err message_files_were_sent_on(struct db *db, const struct id *message_id,
				    bool *ret) MUST_CHECK;
/* Messages that have expired, and their senders, of which files can still be opened where others
 * than those have sent them on; at most `limit`. */
enum err message_files_expired(struct db *db, struct arena *arena, int64_t now_ms, int64_t limit,
			       struct file_passed_on **ret, size_t *ret_count) MUST_CHECK;
/* Messages by which this user sent or got a file, newest first (P5: where it was sent). */
enum err message_files_where(struct db *db, struct arena *arena, const struct id *user_id,
			     const struct id *file_id, int64_t limit, struct id **ret_messages,
			     size_t *ret_count) MUST_CHECK;
/* A user's rights whose key is still sealed (registration), always in the same order. */
enum err file_deliveries_sealed(struct db *db, struct arena *arena, const struct id *user_id,
				struct file_delivery **ret, size_t *ret_count) MUST_CHECK;
/* For store/deliveries*.c: with the end of a delivery its file keys go. */
enum err file_deliveries_end_with(struct db *db, const struct id *message_id,
				  const struct id *user_id, enum delivery_end end,
				  int64_t ended_ms) MUST_CHECK;
enum err file_deliveries_delete_with(struct db *db, const struct id *message_id,
				     const struct id *user_id) MUST_CHECK;
/* Whether any message has that file, recalled or not. */
enum err message_files_has(struct db *db, const struct id *file_id, bool *ret) MUST_CHECK;
/* Takes the keys away from those of a message that fail their check, or whose reader has no
 * delivery of it. */
enum err file_deliveries_wipe_bad(struct db *db, struct arena *arena,
				  const struct id *message_id) MUST_CHECK;
/* The same for the reader whose delivery of it has this MAC. */
enum err file_deliveries_wipe_of(struct db *db, const struct id *message_id,
				 struct str delivery_mac) MUST_CHECK;
/* With the message itself, which nobody has any more. */
enum err message_files_delete(struct db *db, const struct id *message_id) MUST_CHECK;
/* For checking everything: rows that name what is not there, and places in libraries of what cannot
 * be opened. */
struct file_strays {
	int64_t message_files, rights, parts, library, drafts;
};
enum err files_count_strays(struct db *db, struct file_strays *ret) MUST_CHECK;
/* Some live rights to a file, in whatever message; those that fail their check are left out. */
enum err file_deliveries_live(struct db *db, struct arena *arena, const struct id *file_id,
			      int64_t limit, struct file_delivery **ret,
			      size_t *ret_count) MUST_CHECK;
/* The same, one message at a time. */
enum err message_files_of_message(struct db *db, struct arena *arena, const struct id *message_id,
				  struct message_file **ret_files, size_t *ret_file_count,
				  struct file_delivery **ret_deliveries, size_t *ret_delivery_count,
				  int64_t *ret_bad) MUST_CHECK;
