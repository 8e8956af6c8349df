/* A conversation as a page shows it: texts rendered, times and people in words. */
#pragma once

#include "core/mailbox.h"
#include "text/html.h"
#include "web/files_part.h"
#include "web/options_part.h"
#include "web/quoted_part.h"
#include "web/sent_files_part.h"
#include "web/signing_card.h"

/* One step of what the sender can see: "Opened ...". */
struct tracked_line {
	struct str words;
};

struct person_part {
	struct id id;
	struct str name;
	struct str address; /* empty when it is the name already */
	struct str state;   /* for the sender: "Opened ...", "Not opened yet, notified by e-mail" */
	struct str words;   /* of the mail server, when something is wrong */
	struct str times; /* all that happened, with times; empty when that is no more than state */
	struct tracked_line *files; /* what they downloaded, and lost */
	size_t file_count;
	bool is_opened;
	bool is_trouble;
	bool can_resend;
};

struct message_part {
	struct id id;
	struct str sender;
	struct str sender_address;
	struct str initial; /* first letter, for the mark beside the name */
	struct str when;
	struct str when_iso;
	struct str audience;    /* "To you and 2 others" */
	bool is_audience_whole; /* nothing more to say of it; else the lines below are folded */
	struct str to, cc, bcc; /* labels, joined; may be empty */
	struct safe_html body;
	struct sent_files files;
	struct signing_card signing; /* documents to sign; then files says nothing */
	struct str excerpt;          /* its first line, while it is folded; may be empty */
	struct terms_part terms;     /* its options */
	struct quoted_part *quoted;  /* what it forwards */
	size_t quoted_count;
	struct str end;      /* why it has no text any more; empty: it has one */
	bool needs_password; /* to open it */
	struct str password_wrong;
	bool has_forward; /* false: it is switched off, and not spoken of */
	bool can_forward;
	struct str forward_why_not; /* a sentence; empty: it can */
	struct str recalled;        /* of one's own: that everybody has lost it */
	struct str reason;          /* why it was recalled; may be empty */
	bool can_recall;
	struct tracked_line *tracked; /* for a recipient: what the sender can see of them */
	size_t tracked_count;
	bool has_tracked;
	bool is_automatic; /* written by the portal for somebody who is away */
	bool is_empty;
	bool is_unreadable;
	bool is_asked;     /* the page is of this one */
	bool is_folded;    /* a link that opens it */
	bool is_elsewhere; /* too much for one page: a link instead */
	bool is_mine;
	bool is_open;
	struct person_part *people; /* with delivery states; only when is_mine */
	size_t people_count;
	int64_t people_more;  /* told of on the message's own page */
	int64_t people_total; /* of them opened_count opened it */
	int64_t opened_count;
	int64_t trouble_count;      /* e-mails that came back */
	bool is_delivery_open;      /* few people, or trouble; and the message itself is open */
	bool is_newest_mine;        /* what became of it is seen even while it is folded */
	enum box box;               /* of the reader */
	const struct label *labels; /* of the message asked for */
	size_t label_count;
	bool has_acts; /* with buttons to move it; the caller's to say */
};

struct reply_part {
	bool is_possible;
	struct str why_not;     /* the sender does not want it; empty: fine */
	struct str why_not_all; /* the same of an answer to everybody */
	struct str inherits;    /* options it will have; empty: none */
	struct id message_id;   /* answered */
	struct str key;         /* so that sending twice sends once */
	struct str body;
	struct files_part files;
	struct id draft;    /* where it is kept */
	int64_t version;    /* 0: not yet */
	bool has_elsewhere; /* an answer was begun to other people */
	struct id elsewhere;
	bool is_to_all;
	bool is_to_own; /* writing more to those who got one's own message */
	struct str to;  /* who gets it, when only one can */
	size_t others_count;
	bool has_choice; /* a reply to all reaches more people */
	const struct form_errors *errors;
	struct str body_error;
};

struct conversation_part {
	struct id message_id;
	struct str subject;
	struct message_part *messages;
	size_t count;
	bool is_cut;
	bool has_folded;
	size_t asked; /* which of them was asked for */
	bool is_mine; /* the reader sent it */
	struct reply_part reply;
	const struct label *labels; /* all that the reader has */
	size_t label_count;
};

/* The conversation of a message as the acting user may see it. how: enum conversation_how.
 * reply.body, errors and the choice are the caller's to fill. */
enum err conversation_fill(struct cx *cx, const struct id *id, unsigned how,
			   struct conversation_part *ret) MUST_CHECK;
