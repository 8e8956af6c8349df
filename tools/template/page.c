#include "page.h"

static void check_outside(const struct page *page, struct piece piece)
{
	if (piece.kind == PIECE_VALUE || !str_is_empty(str_trim(piece.text)))
		source_fail(page->lexer.path, piece.line,
			    "text outside of {%% define %%} ... {%% end %%}");
}

static void compile_text(struct page *page, struct piece piece)
{
	if (page->depth == 0) {
		check_outside(page, piece);
		return;
	}
	struct buf text;
	buf_init(&text, SOURCE_MAX_BYTES);
	context_literal(&page->context, piece.line, piece.text, &text);
	emitter_literal(&page->emitter, buf_str(&text));
	buf_release(&text);
}

void page_compile(struct page *page, struct source source, const struct sentences *sentences)
{
	*page = (struct page){.sentences = sentences};
	lexer_init(&page->lexer, source);
	emitter_init(&page->emitter, source.path);
	buf_init(&page->prototypes, SOURCE_MAX_BYTES);
	buf_init(&page->includes, SOURCE_MAX_BYTES);
	for (;;) {
		struct piece piece = lexer_next(&page->lexer);
		if (piece.kind == PIECE_END)
			break;
		if (piece.kind == PIECE_VALUE && page->depth == 0)
			check_outside(page, piece);
		switch (piece.kind) {
		case PIECE_TEXT: compile_text(page, piece); break;
		case PIECE_VALUE: page_value(page, piece); break;
		default: page_block(page, piece); break;
		}
	}
	if (page->depth > 0)
		source_fail(source.path, page->blocks[page->depth - 1].line,
			    "this block has no {%% end %%}");
}

void page_release(struct page *page)
{
	emitter_release(&page->emitter);
	buf_release(&page->prototypes);
	buf_release(&page->includes);
}
