/* A source file read whole, and complaints that name file and line, for the build tools. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

struct source {
	const char *path;
	struct str text;
};

enum { SOURCE_MAX_BYTES = 1 << 20 };

/* Ends the program with a complaint when the file cannot be read or is not UTF-8. */
struct source source_read(struct arena *arena, const char *path);
/* Writes only when the content differs, so that nothing is rebuilt for nothing. Ends the program on
 * failure. */
void source_write(const char *path, const struct buf *content);
/* "path:line: error: ..." on standard error, then exit(1). Line 0: no line. */
_Noreturn void source_fail(const char *path, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
