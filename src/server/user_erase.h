/* postern user erase EMAIL [--yes] */
#pragma once

#include "core/cx.h"
#include "server/options.h"

/* Says what it destroys, has the address typed again unless is_sure, and erases. The exit status.
 */
int user_erase(struct cx *cx, struct str address, bool is_sure);
