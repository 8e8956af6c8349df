/* For core/signing*.c: what is kept of who did something. */
#pragma once

#include "core/session.h"
#include "core/signing_crypt.h"

/* Of the acting person: name and address as they are now, from where, by which program, and by
 * which link their address was proven last. */
enum err signing_evidence_of_self(struct cx *cx, struct str user_agent,
				  struct signing_detail *ret) MUST_CHECK;
