/* Recall (P4.4): a professional takes back their own message, from everybody or from some, before
 * or after it was read. The keys of those people are destroyed: afterwards not even the server can
 * give them the text. They keep the subject and a notice with time and reason.
 *
 * Who loses it: the people it is recalled from, and whoever got it only through what these people
 * forwarded or answered, however far that went. Recalled from the last one who had it, it is
 * recalled from everybody. The sender keeps it.
 *
 * What comes of two things at once is what comes of them one after the other:
 *   recalled twice            the first recall holds, its time and its reason; the second changes
 *                             nothing and gives the time of the first
 *   from some, then from all  the others lose it at the later time, by the later reason
 *   another recall            one goes first; the other finds the rest
 *   a reader                  begun before: may have the text, and counts as opened. Begun after
 *                             the recall was acknowledged: never. The key of a reading that ends
 *                             late is not written back
 *   a registration            begins again; what was recalled meanwhile opens as the notice
 *   a reply                   sent before: stands, without the message it answers. After: it is
 *                             told that the message is gone
 *   a forward                 sent before: its text stands, the message in it goes blank for all
 *                             who got it that way. After: it is told that the message is gone
 *   a mail that tells of it   in the queue or waiting for another try: is not sent. On its way:
 *                             may arrive, and leads to the notice; nothing is noted of it, and
 *                             it is not tried again
 *   a mail of several         waiting: tells of the others. On its way: settled for the others
 *   an invitation             stays: it invites to the portal
 *   its date                  passed before: it has expired and stays so, by its notice and in the
 *                             tracking; keys that are still there are destroyed. Passes after:
 *                             the recall holds
 *   deleted for ever          has no key to destroy
 *   documents to sign         see core/signing_recall.h: what was signed stays with who signed it
 */
#pragma once

#include "core/form_errors.h"
#include "core/session.h"
#include "store/messages.h"

struct recall_wish {
	struct str reason;           /* shown to the recipients; may be empty */
	const struct str *addresses; /* recipients, as typed; from everybody with is_whole */
	size_t address_count;
	bool is_whole;
};

struct recalled {
	int64_t recalled_ms;
	int64_t keys;   /* destroyed by this call */
	int64_t mails;  /* notifications that are not sent */
	bool is_repeat; /* it had all happened before */
};

/* ERR_DENIED: a guest; or a message of somebody else. ERR_NOT_FOUND: no such, or not theirs to see.
 * ERR_INVALID with errors: reason, recipients (none named, or one that did not get it). ERR_BUSY:
 * too many others write at once; nothing was recalled. ERR_CONFLICT with errors[""]: everybody has
 * signed its documents. */
enum err recall_message(struct cx *cx, const struct id *id, const struct recall_wish *wish,
			struct recalled *ret, struct form_errors *errors) MUST_CHECK;
