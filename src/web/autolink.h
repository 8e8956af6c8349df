/* Web addresses that stand in a text as they are: "see https://example.com/, please". */
#pragma once

#include "base/str.h"

/* The first one in the text; false without one. What follows it and ends a sentence is not of it;
 * nothing that makes an address look like another one is (a name before "@", "\", marks of
 * direction). */
bool autolink_find(struct str text, size_t *ret_start, size_t *ret_len);
