/* For core/: requests made twice send once (Idempotency-Key). */
#pragma once

#include "core/message_sending.h"

/* What identifies the request, if it has a key. ERR_INVALID with errors: the key is none. */
enum err message_repeat_key(struct cx *cx, const struct draft *draft, struct sending *ret,
			    struct form_errors *errors) MUST_CHECK;
/* What an earlier request with the same key sent. ERR_NOT_FOUND: this is the first. */
enum err message_repeat_find(struct cx *cx, const struct sending *sending, struct sent *ret,
			     struct form_errors *errors) MUST_CHECK;
