/* One page being compiled. */
#pragma once

#include "context.h"
#include "emitter.h"
#include "lexer.h"
#include "sentences.h"

enum { BLOCKS_MAX = 32 };

enum block_kind { BLOCK_DEFINE, BLOCK_IF, BLOCK_FOR };

struct block {
	enum block_kind kind;
	int line;
	struct context start; /* where HTML stood when it opened */
	bool has_else;
	enum url_state url; /* the least that any branch so far has written of a URL */
};

struct page {
	struct lexer lexer;
	const struct sentences *sentences;
	struct context context;
	struct emitter emitter;
	struct buf prototypes;
	struct buf includes;
	struct block blocks[BLOCKS_MAX];
	int depth;
	int loops; /* so far, to name their counters */
	bool has_assets;
};

/* Compiles the whole page; the parts are then in emitter.code, prototypes and includes. */
void page_compile(struct page *page, struct source source, const struct sentences *sentences);
void page_release(struct page *page);

/* {{ ... }}, in value.c. */
void page_value(struct page *page, struct piece piece);
/* {% ... %}, in block.c. */
void page_block(struct page *page, struct piece piece);
