/* The part of the HTML tokenizer that moves on byte by byte, and the names it refuses. */
#pragma once

#include "context.h"

/* One byte further: the first of rest, which goes on to the end of the literal text. ends_comment:
 * it is the last one of "-->". Ends the program for what is refused. */
void follow_byte(struct context *context, struct str rest, bool ends_comment);
/* Refuses on..., style and srcdoc. */
void follow_check_attribute(const struct context *context, const char *name);
/* Appends a small letter to one of the context's names. */
void follow_append_name(struct context *context, char *name, char c);
bool follow_is_space(char c);
