/* The C text of a page being written; neighbouring literals become one buf_add. */
#pragma once

#include "../source.h"

struct emitter {
	const char *path; /* of the page, for #line */
	struct buf code;
	struct buf literal; /* C string pieces not yet written; empty when there are none */
	int depth;          /* of indentation */
};

void emitter_init(struct emitter *emitter, const char *path);
void emitter_release(struct emitter *emitter);
/* Bytes of the page as they are. */
void emitter_literal(struct emitter *emitter, struct str text);
/* A macro that is a string literal. */
void emitter_macro(struct emitter *emitter, const char *prefix, struct str name);
/* Writes what literals are waiting. */
void emitter_flush(struct emitter *emitter);
/* One line of C that belongs to `line` of the page, after the literals before it. */
void emitter_statement(struct emitter *emitter, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
