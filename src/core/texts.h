/* The mails whose words an administrator can change, for each language (P3.3). A text is a subject
 * and a body with placeholders such as {sender}; until somebody has written one, the portal's own
 * is sent, which says nothing of the organisation but its name. Every version is kept. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/outbox.h"

enum texts_name {
	TEXTS_INVITATION,
	TEXTS_NOTIFICATION,
	TEXTS_WELCOME,  /* after registering; sent only once somebody has written it */
	TEXTS_REMINDER, /* of a document to sign */
	TEXTS_RESET,
	TEXTS_PASSWORD_CHANGED,
	TEXTS_COUNT,
};

/* What a placeholder stands for. */
enum texts_fill {
	FILL_PORTAL,
	FILL_SENDER,
	FILL_NAME,
	FILL_ADDRESS,
	FILL_LINK,
	FILL_DATE,
	FILL_UNTIL,
	FILL_SUBJECT,
	FILL_COUNT,
};

/* "invitation", as in paths and in the audit log. */
struct str texts_word(enum texts_name name);
/* ERR_NOT_FOUND. */
enum err texts_find(struct str word, enum texts_name *ret) MUST_CHECK;
/* What people call it. */
struct str texts_title(const struct language *language, enum texts_name name);

/* "sender"; of what may stand in this text. */
bool texts_allows(enum texts_name name, enum texts_fill fill);
bool texts_allows_in_subject(enum texts_name name, enum texts_fill fill);
struct str texts_fill_word(enum texts_fill fill);
/* What it stands for, for those who write. */
struct str texts_fill_means(const struct language *language, enum texts_fill fill);
/* The next "{word}" of a text: what stands before it, and the word. False: there is no further one,
 * and ret_before is the rest. */
bool texts_next_fill(struct str *rest, struct str *ret_before, struct str *ret_word);
/* FILL_COUNT: there is no such placeholder. */
enum texts_fill texts_fill_find(struct str word);

struct texts_words {
	struct str subject;
	struct str body; /* lines end with a line feed */
};

/* The portal's own, with placeholders. */
struct texts_words texts_standard(enum texts_name name, const struct language *language);

/* One version, or with version 0 what there is before anybody has changed it. */
struct texts_text {
	enum texts_name name;
	const struct language *language;
	int64_t version;
	int64_t at_ms;
	struct str author; /* empty: the portal itself, or somebody who is gone */
	bool is_standard;  /* the portal's own words */
	struct texts_words words;
};

/* version: 0 is the newest. ERR_NOT_FOUND: no such version. */
enum err texts_read(struct cx *cx, enum texts_name name, const struct language *language,
		    int64_t version, struct texts_text *ret) MUST_CHECK;
/* Those before version `before` (0: all), the newest first, at most `limit`. */
enum err texts_history(struct cx *cx, enum texts_name name, const struct language *language,
		       int64_t before, int64_t limit, struct texts_text **ret,
		       size_t *ret_count) MUST_CHECK;

/* By an administrator, into the audit log. seen_version: of the text that they had before their
 * eyes; -1: whatever it was. words: NULL for the portal's own. What is the same as before is no new
 * version. ERR_DENIED. ERR_CONFLICT: somebody else has changed it since. ERR_INVALID with errors of
 * "subject" and "text". */
enum err texts_write(struct cx *cx, enum texts_name name, const struct language *language,
		     const struct texts_words *words, int64_t seen_version,
		     struct form_errors *errors) MUST_CHECK;
/* As it would be written: lines end alike, nothing at their ends. ERR_INVALID as above. */
enum err texts_clean(struct cx *cx, const struct texts_words *typed, struct texts_words *ret,
		     struct form_errors *errors) MUST_CHECK;

/* A body as a browser sends it, as it is kept: lines end in a line feed, no spaces at their ends.
 */
struct str texts_clean_body(struct cx *cx, struct str body);

/* How many of the texts that people get first (invitation and notification, in every language) are
 * still the portal's own: what an administrator is reminded of. 0: none. */
enum err texts_unchanged(struct cx *cx, int64_t *ret) MUST_CHECK;

/* What somebody has written for this mail: own_subject and own_body. They stay empty where there is
 * nothing, or where it is not what was written. */
enum err texts_choose(struct cx *cx, struct outbox_mail *mail) MUST_CHECK;
/* Which text a mail is made of; false: of none that can be changed. */
bool texts_of_mail(const struct outbox_mail *mail, enum texts_name *ret);
/* The mail after registering, to be written in the same transaction. *ret_is_sent: whether there is
 * one. */
enum err texts_welcome(struct cx *cx, const struct user *user, struct mail_row *ret,
		       bool *ret_is_sent) MUST_CHECK;
/* A mail with these words, placeholders filled, to whoever is signed in: an administrator.
 * ERR_BUSY: there were many. */
enum err texts_send_test(struct cx *cx, const struct texts_words *filled) MUST_CHECK;
