/* For tests: whether HTML of a message holds nothing but what markdown.c may write. */
#pragma once

#include "base/str.h"

/* Every "<" starts a tag of the list, every quote and ">" belongs to one. ret_bad: the first that
 * does not. */
bool markdown_check(struct str markup, struct str *ret_bad);
