/* How many bytes, as an administrator writes it and reads it again: "5 GiB", "500MB", "1000". */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* False: it is no such size, or one that no number holds. */
bool byte_size_parse(struct str text, int64_t *ret);
/* Exactly, with the largest unit that allows it: "1536 KiB". */
struct str byte_size_text(struct arena *arena, int64_t bytes);
