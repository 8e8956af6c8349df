/* postern user import FILE [--dry-run] */
#pragma once

#include "core/cx.h"
#include "server/options.h"

/* Each row that is left out or changes somebody, and the sum. The exit status. */
int user_import(struct cx *cx, struct str path, bool is_dry);
