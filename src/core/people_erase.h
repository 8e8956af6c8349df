/* Erasing somebody (P1.7, privacy law): separate, explicit, logged, and for good. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/user.h"
#include "store/erase.h"

/* Where the addresses of all who are erased are: one that can never be (RFC 2606). */
#define PEOPLE_ERASED_DOMAIN "@erased.invalid"

/* What erasing this person destroys. ERR_DENIED: not an administrator. ERR_NOT_FOUND: nobody, or
 * erased already. */
enum err people_erase_look(struct cx *cx, const struct id *id, struct user *ret_user,
			   struct erase_counts *ret) MUST_CHECK;
/* Destroys their keys and ways in, and all that is theirs alone; what others have of their messages
 * stays readable to those. A row without name and address keeps their place in them; the address
 * can be invited anew, as somebody new. typed: their address, so that nobody errs (NULL: a program,
 * which says whom by the id). ERR_INVALID with errors["address"]: it is another. ERR_DENIED with a
 * sentence: the last administrator, or oneself. ERR_NOT_FOUND as above. */
enum err people_erase(struct cx *cx, const struct id *id, const struct str *typed,
		      struct form_errors *errors) MUST_CHECK;
