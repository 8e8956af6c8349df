/* "Firefox on Windows" out of a User-Agent header, good enough for people to recognise their own
 * devices. */
#pragma once

#include "core/cx.h"

struct str user_agent_label(struct cx *cx, struct str user_agent);
