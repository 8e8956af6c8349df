/* Header fields of an e-mail (RFC 5322 2.2, RFC 2047): whatever bytes come in, what goes out is
 * well-formed, folded and has exactly the fields that were asked for. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* Text for one line: what is not UTF-8, control characters, line ends and direction overrides
 * become spaces, runs of spaces one; at most max_chars code points. In the arena. */
struct str header_clean(struct arena *arena, struct str text, size_t max_chars);

/* "Name: text CRLF". Plain where possible, else RFC 2047 encoded words (UTF-8, Q); no line over 78
 * bytes. The name is a literal. */
void header_add_text(struct buf *out, const char *name, struct str text);
/* "Name: "Display" <address> CRLF", or the bare address without a display name. ERR_INVALID for an
 * address that header_is_address() refuses; nothing is added then. */
enum err header_add_address(struct buf *out, const char *name, struct str display,
			    struct str address) MUST_CHECK;

/* One of several in such a field, without the end of the line: with the field's name the first,
 * with NULL a further one, on a line of its own. ERR_INVALID as above. */
enum err header_add_member(struct buf *out, const char *name, struct str display,
			   struct str address) MUST_CHECK;

/* Whether this can stand in a header and an SMTP command: one @ with something on both sides, no
 * quoting, no space, no control character, nothing of < > ( ) , ; : " \ [ ]; UTF-8; at most
 * LIMIT_ADDRESS_BYTES. */
bool header_is_address(struct str address);
