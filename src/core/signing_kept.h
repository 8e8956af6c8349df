/* For core/: what somebody keeps for signing again, encrypted under their mailbox key. */
#pragma once

#include "core/session.h"
#include "store/signing_kept.h"

/* ERR_CORRUPT: it fails its check; an alarm was logged. */
enum err signing_kept_open(struct cx *cx, const struct kept_row *row, struct str *ret) MUST_CHECK;
/* The only one of its kind that the acting person has. ERR_NOT_FOUND: none. */
enum err signing_kept_only(struct cx *cx, enum kept_kind kind, struct kept_row *ret) MUST_CHECK;
/* Writes one: with an empty id a new one. Of two writers at once the later one holds.
 * ERR_TOO_LARGE: there are `most` of them already. ERR_NOT_FOUND: no such, or not theirs. */
enum err signing_kept_write(struct cx *cx, enum kept_kind kind, const struct id *id,
			    struct str content, int64_t most, struct id *ret) MUST_CHECK;
enum err signing_kept_remove(struct cx *cx, enum kept_kind kind, const struct id *id) MUST_CHECK;
