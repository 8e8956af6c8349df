/* The words of each e-mail (P3): subject and plain text out of the catalogue, or of what an
 * administrator has written (core/texts.h), with exactly one link of ours and no content. */
#pragma once

#include "core/outbox.h"

struct mail_text {
	struct str from_display; /* "Anna via Example Clinic" */
	struct str subject;
	struct str body; /* lines end with a line feed; nothing but those words, names, dates and
			    the link */
};

/* `portal`: the organisation's name. Names and the message's subject come from people the reader
 * may not know: they are cut, kept to one line, and parts of them that a mail program would make a
 * link of are broken up, so that nobody advertises or phishes in the portal's name. ERR_INVALID for
 * an unknown kind or a link that is none. */
enum err mail_text_make(struct arena *arena, struct str portal, const struct outbox_mail *mail,
			struct mail_text *ret) MUST_CHECK;
