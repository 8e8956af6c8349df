/* Where mail goes, as one text: smtp://user:password@host:port, smtps://... or dir:FOLDER. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "text/text.h"

enum mail_url_kind { MAIL_URL_DIR = 1, MAIL_URL_SMTP, MAIL_URL_SMTPS };

struct mail_url {
	enum mail_url_kind kind;
	struct str folder; /* dir */
	struct str
		host; /* smtp, smtps: a name, an IPv4 address or an IPv6 address without brackets */
	int64_t port; /* never 0: 465 for smtps, 587 for smtp with a login (RFC 6409), else 25 */
	struct str user;     /* empty: no login */
	struct str password; /* never to be logged */
};

/* Parts are in the arena. ERR_INVALID with *ret_problem, the sentence that says what to write
 * instead (it repeats nothing of the text, because of the password). */
enum err mail_url_parse(struct arena *arena, struct str text, struct mail_url *ret,
			enum text_id *ret_problem) MUST_CHECK;
