/* What the sender of a message sees of each recipient (P3.4, P4.3), a recipient of themselves, and
 * both of a recall (P4.4). */
#pragma once

#include "web/conversation.h"

enum err delivery_fill(struct cx *cx, const struct message_view *message,
		       struct message_part *part) MUST_CHECK;
/* What stands beside a name: nothing where it would be the same, nor of somebody who is erased. */
struct str delivery_address(struct str name, struct str address);
