/* The bytes of an e-mail (RFC 5322, 2045): one plain text, UTF-8, no parts, no HTML (P3.1). */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"

struct mime_message {
	struct id id;
	int64_t date_ms;
	struct str host; /* right side of the Message-ID; anything that is no host name gives
			    "localhost" */
	struct str from_display; /* may be empty */
	struct str from_address;
	struct str to_display; /* may be empty */
	struct str to_address;
	struct str subject;
	struct str body;      /* lines end with a line feed */
	bool is_8bit_carried; /* by the way it leaves (RFC 6152) */
};

/* Builds it, with CRLF line ends, in the arena. The Message-ID depends on id and host alone, so a
 * mail that is sent twice is seen to be one. A body goes as it is where it can (7bit, 8bit), so
 * that the link stays in one piece even in the raw mail; otherwise it is quoted-printable.
 * ERR_INVALID for a bad address, ERR_TOO_LARGE over LIMIT_MAIL_BYTES. */
enum err mime_build(struct arena *arena, const struct mime_message *message,
		    struct str *ret) MUST_CHECK;

/* Parts of it, for files of messages (mail/eml.h). */
void mime_add_date(struct buf *out, int64_t utc_ms);
/* "Name: <ID@host> CRLF" */
void mime_add_id(struct buf *out, const char *name, const struct id *id, struct str host);
/* The fields of one plain text, the empty line and the text. */
void mime_add_text(struct buf *out, struct str text, bool is_8bit_carried);
