/* Reading: lists, a message with its conversation. */
#pragma once

#include "core/file_view.h"
#include "core/message_options.h"
#include "core/signing_brief.h"
#include "store/mails.h"

struct label;

struct message_row {
	struct id id;
	struct id conversation_id;
	struct str subject;
	bool is_unreadable;     /* it failed its check: an alarm was logged, subject is empty */
	struct str sender_name; /* label */
	struct str sender_address;
	struct str people; /* of one's own: labels of the recipients, joined with ", " (at most 3,
			      then the rest counted in people_more) */
	int64_t people_more;
	int64_t sent_ms;
	bool is_unread;
	int64_t beside; /* in a list of conversations: messages of it in this box; then is_unread
			   says whether one of them is, and the rest is of the newest */
	bool is_mine;   /* the reader sent it */
	enum box box;
	const struct label *labels; /* core/label.h */
	size_t label_count;
	enum delivery_end ended; /* of one's own: recalled from everybody */
	int64_t file_count;
	struct signing_brief signing;
};

struct message_list {
	struct message_row *rows;
	size_t count;
	struct str next_cursor; /* empty: this is the last page */
	int64_t unread_count;   /* of the Inbox */
};

/* Newest first. cursor: empty or a next_cursor (ERR_INVALID for anything else).
 * limit 1..LIMIT_PAGE_ROWS. */
enum err mailbox_list(struct cx *cx, enum box box, struct str cursor, int64_t limit,
		      struct message_list *ret) MUST_CHECK;
/* The same with one row for each conversation in the box. */
enum err mailbox_conversations(struct cx *cx, enum box box, struct str cursor, int64_t limit,
			       struct message_list *ret) MUST_CHECK;
enum err mailbox_unread_count(struct cx *cx, int64_t *ret) MUST_CHECK;
/* One message as it stands in a list. ERR_NOT_FOUND: no such, or not theirs. */
enum err mailbox_row(struct cx *cx, const struct id *id, struct message_row *ret) MUST_CHECK;

/* When somebody has downloaded a file, or lost it while the message stayed. */
struct file_fate {
	struct id file_id;
	int64_t downloaded_ms; /* the first time; 0: not yet */
	int64_t recalled_ms;   /* 0: not */
};

struct message_person {
	struct id id;
	struct str name; /* label */
	struct str address;
	enum grade grade;
	enum user_state state;
	enum recipient_kind kind;
	/* For the sender only: */
	/* Of the notification or the invitation, whichever fares worse (P3.4). */
	enum mail_state mail;
	struct str mail_reply; /* the mail server's words, when it bounced or is being retried */
	bool can_resend_invitation;
	/* P4.3; 0: not yet. */
	int64_t notified_ms; /* the mail server took the notification */
	int64_t opened_ms;
	int64_t replied_ms;
	int64_t forwarded_ms;
	int64_t signed_ms;   /* its documents (P6) */
	int64_t recalled_ms; /* from this person */
	bool has_expired;
	struct file_fate *files; /* those of which there is something to tell */
	size_t file_count;
};

struct message_view {
	struct id id;
	struct id conversation_id;
	struct id parent_id;
	struct str subject;
	struct str body; /* Markdown; empty after the end */
	enum delivery_end ended;
	int64_t ended_ms;
	struct str reason;        /* why it was recalled; may be empty */
	int64_t recalled_ms;      /* from everybody; 0: not */
	unsigned options;         /* enum message_option */
	int64_t expires_ms;       /* 0: never */
	struct message_acts acts; /* what the reader may do with it */
	bool needs_password; /* confidential: mailbox_confirm() first; the body is empty until */
	bool is_quoted;      /* the reader has it only as part of another */
	bool is_missing;     /* quoted, but the reader has no right to it: all else is empty */
	struct message_view *quoted; /* what it forwards, what that forwards ...: without people */
	size_t quoted_count;
	bool is_body_left_out; /* in a conversation: too much for one page; the message opens alone
				*/
	bool is_folded;        /* without people and subject; body only if it is short */
	bool is_unreadable;
	bool is_mine; /* the reader sent it */
	struct message_person sender;
	struct message_person *people; /* recipients the reader may see: Bcc only to the sender and
					  to that person */
	size_t people_count;
	struct message_person
		own;          /* for a recipient: what the sender can see of them; times only */
	int64_t people_more;  /* in a conversation: further ones, not named */
	int64_t opened_count; /* for the sender: of all recipients */
	int64_t others_count; /* in To and Cc without the reader, of all */
	int64_t kind_counts[RECIPIENT_KINDS]; /* those the reader may see, of all */
	/* As attached; of a message that has ended, or that needs the password, only how many. What
	   is quoted has its own. */
	struct file_view *files;
	size_t file_count;
	int64_t sent_ms;
	enum box box;                 /* of the reader */
	bool was_unread;              /* until this very call */
	struct signing_brief signing; /* not in a conversation: core/signing.h tells more there */
	/* Not in a conversation: there only those of the message asked for. */
	const struct label *labels;
	size_t label_count;
};

/* Checks the password for opening a confidential message with this very cx (P4.2). ERR_NOT_FOUND:
 * no such message, or not theirs. ERR_INVALID with errors["password"]. ERR_BUSY: too many tries. */
enum err mailbox_confirm(struct cx *cx, const struct id *id, struct str password,
			 struct form_errors *errors) MUST_CHECK;

/* One message, with everybody who got it, and marks it opened (first opening re-wraps its key).
 * ERR_NOT_FOUND: no such, or not theirs. */
enum err mailbox_open(struct cx *cx, const struct id *id, struct message_view *ret) MUST_CHECK;

/* The same, and marks nothing: for HEAD. */
enum err mailbox_look(struct cx *cx, const struct id *id, struct message_view *ret) MUST_CHECK;

struct conversation_view {
	struct str subject;
	struct message_view
		*messages; /* oldest first, at most LIMIT_CONVERSATION_MESSAGES newest ones */
	size_t count;
	bool can_reply;       /* false with nobody left who can be written to */
	size_t others_count;  /* people a reply-all would reach; 1 or less: no "reply all" */
	struct label *labels; /* all that the reader has */
	size_t label_count;
};
/* The conversation of a message: that one with its whole text (for its sender with all people), and
 * of the others as much as LIMIT_CONVERSATION_BODY_BYTES and LIMIT_CONVERSATION_PEOPLE allow. Marks
 * those opened whose text is given. */
enum err mailbox_conversation(struct cx *cx, const struct id *message_id,
			      struct conversation_view *ret) MUST_CHECK;
enum conversation_how {
	CONVERSATION_LOOK = 1, /* marks nothing: for HEAD */
	/* Of what was opened before only the beginning, without its people: older messages are
	   folded, and cost little however many they are. */
	CONVERSATION_FOLDED = 2,
};
/* The same otherwise. how: enum conversation_how, joined. */
enum err mailbox_conversation_as(struct cx *cx, const struct id *message_id, unsigned how,
				 struct conversation_view *ret) MUST_CHECK;
