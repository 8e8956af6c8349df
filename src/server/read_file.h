/* Small files and passwords that a command is given. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum { READ_FILE_PASSWORD_MAX = 2048 };

/* All of it, in the arena. ERR_TOO_LARGE over max_bytes; ERR_UNAVAILABLE: it cannot be read. */
enum err read_file(struct arena *arena, struct str path, size_t max_bytes,
		   struct str *ret) MUST_CHECK;
/* From standard input, up to the end of the line. At a terminal it is asked for, and not shown. */
enum err read_password_line(struct arena *arena, struct str prompt, struct str *ret) MUST_CHECK;
/* Without the end of the line and what comes after it. */
struct str read_file_first_line(struct str text);
