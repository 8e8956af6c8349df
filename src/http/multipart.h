/* multipart/form-data (RFC 7578), strictly and as it streams: for forms that send files without a
 * script. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct multipart;
/* During begin() only. */
struct multipart_part {
	struct str name;      /* of the field; unescaped as browsers escape it; any bytes */
	struct str file_name; /* data NULL: an ordinary field */
	struct str type;      /* as sent; empty: none */
};
struct multipart_events {
	/* An error of any ends the parsing with it. */
	enum err (*begin)(void *argument, const struct multipart_part *part);
	enum err (*data)(void *argument, struct str bytes);
	enum err (*end)(void *argument);
	void *argument;
};
/* content_type: the request's; ERR_INVALID without a good boundary. */
enum err multipart_new(struct str content_type, const struct multipart_events *events,
		       struct multipart **ret) MUST_CHECK;
/* Any cut of the body gives the same events, but for the pieces of data. ERR_INVALID: not
 * well-formed. ERR_TOO_LARGE: a part's header, or too many parts. */
enum err multipart_take(struct multipart *multipart, struct str bytes) MUST_CHECK;
/* ERR_INVALID: the body ended too early. */
enum err multipart_finish(struct multipart *multipart) MUST_CHECK;
/* NULL is fine. */
void multipart_free(struct multipart *multipart);
