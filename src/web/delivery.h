/* What the sender of a message sees of each recipient (P3.4). */
#pragma once

#include "web/conversation.h"

enum err delivery_fill(struct cx *cx, const struct message_view *message,
		       struct message_part *part) MUST_CHECK;
