/* For core/: the files that a message hands on, its own and those of what it quotes. Everything
 * that its transaction writes is prepared before it. */
#pragma once

#include "core/message_attach.h"
#include "crypto/secret.h"

/* By what right the sender has a file; looked at again in the transaction, so that nothing is
 * handed on whose recall was acknowledged before (P4.4). */
struct attaching_right {
	struct id file_id;
	struct id source_id;      /* message it came with; empty: they uploaded it themselves */
	struct str owner_wrapped; /* of one's own: the key that was opened */
};

struct attachment {
	struct attaching_right right;
	struct file_head head;
	struct secret *key;
};
struct attachments {
	struct attachment *items;
	size_t count;
};

/* Opens what the draft has attached. Mistakes go to errors["files"]; then what is left may not be
 * sent. `recipients`: how many will get it. */
enum err attaching_open(struct cx *cx, const struct draft *draft, size_t recipients,
			struct attachments *ret, struct form_errors *errors) MUST_CHECK;
void attaching_close(struct attachments *attachments);
#define CLEANUP_ATTACHMENTS __attribute__((cleanup(attaching_close)))

/* With so many keys to seal a message would keep the others waiting: ERR_INVALID with
 * errors["files"]. files: attached and quoted ones. */
enum err attaching_count(struct cx *cx, size_t files, size_t recipients,
			 struct form_errors *errors) MUST_CHECK;

/* What one message writes of its files. */
struct attaching {
	const struct attachments *attachments;
	struct message_file *files;
	size_t file_count;
	struct file_delivery *deliveries; /* of all readers, and of the sender */
	size_t delivery_count;
	bool is_confidential; /* it shows its names to nobody without the password: not in their
				 libraries either */
	const struct id *sender_id;
	int64_t sent_ms;
};

/* For reader_count readers and the sender. */
enum err attaching_prepare(struct cx *cx, const struct attachments *attachments,
			   const struct message *message, size_t reader_count,
			   const struct secret *message_key, struct attaching *ret) MUST_CHECK;
/* One reader's keys of all of them, sealed to them; or the sender's own. */
enum err attaching_add_reader(struct cx *cx, const struct user *reader,
			      struct attaching *attaching) MUST_CHECK;
enum err attaching_add_sender(struct cx *cx, struct attaching *attaching) MUST_CHECK;
/* In the transaction, after the message. ERR_CONFLICT: the sender's right to one of them has ended
 * meanwhile. */
enum err attaching_write(struct db *db, const struct attaching *attaching) MUST_CHECK;
/* The same look for something else that was handed on. */
enum err attaching_check_right(struct db *db, const struct id *user_id,
			       const struct attaching_right *right) MUST_CHECK;
