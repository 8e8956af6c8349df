/* For core/signing*.c: when a request has to be looked at: reminders that are due, its deadline. */
#pragma once

#include "store/signings.h"

/* When this signer is to be reminded by itself; 0: never (again). */
int64_t signing_due_reminder(const struct signing *signing, const struct signing_person *person);
/* For signing->next_ms: the first of all reminders and the deadline; 0: it has ended, or nothing is
 * to come. */
int64_t signing_due_next(const struct signing *signing, const struct signing_person *people);
bool signing_due_is_late(const struct signing *signing, int64_t now_ms);
