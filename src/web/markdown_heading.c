#include "web/markdown_heading.h"

#include "base/limits.h"

enum { SECTIONS_MAX = 100 };

static void put_words(struct buf *out, cmark_node *node)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
	case CMARK_NODE_CODE:
	case CMARK_NODE_CODE_BLOCK: buf_add(out, str_of(cmark_node_get_literal(node))); break;
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK: buf_add_char(out, ' '); break;
	default: break;
	}
}

/* Of one node and all below; pictures speak for themselves. */
static void put_text(struct buf *out, cmark_node *node)
{
	cmark_iter *iter = cmark_iter_new(node);
	cmark_event_type event;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *at = cmark_iter_get_node(iter);
		if (cmark_node_get_type(at) == CMARK_NODE_IMAGE)
			cmark_iter_reset(iter, at, CMARK_EVENT_EXIT);
		else if (event == CMARK_EVENT_ENTER)
			put_words(out, at);
		else if (cmark_node_get_type(at) == CMARK_NODE_PARAGRAPH)
			buf_add_char(out, '\n');
	}
	cmark_iter_free(iter);
}

static void put_anchor(struct buf *out, struct str title)
{
	bool is_apart = false;
	for (size_t i = 0; i < title.len; i++) {
		char c = title.data[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!str_is_alnum(c)) {
			is_apart = out->len > 0;
			continue;
		}
		if (is_apart)
			buf_add_char(out, '-');
		is_apart = false;
		buf_add_char(out, c);
	}
}

void markdown_heading_anchor(struct buf *out, cmark_node *heading)
{
	struct buf CLEANUP_BUF title, anchor;
	buf_init(&title, LIMIT_MARKDOWN_BYTES);
	buf_init(&anchor, LIMIT_MARKDOWN_BYTES);
	put_text(&title, heading);
	put_anchor(&anchor, buf_str(&title));
	buf_add(out, buf_str(&anchor));
}

/* What a buffer holds, in the arena; the buffer is empty again. */
static struct str take(struct arena *arena, struct buf *buf)
{
	struct str text = arena_copy(arena, str_trim(buf_str(buf)));
	buf_clear(buf);
	return text;
}

static void walk(struct arena *arena, cmark_node *document, struct markdown_section *sections,
		 size_t *count)
{
	struct buf CLEANUP_BUF text;
	buf_init(&text, LIMIT_MARKDOWN_BYTES);
	struct markdown_section *section = &sections[0];
	for (cmark_node *node = cmark_node_first_child(document); node;
	     node = cmark_node_next(node)) {
		bool is_heading = cmark_node_get_type(node) == CMARK_NODE_HEADING;
		if (!is_heading || *count == SECTIONS_MAX) {
			put_text(&text, node);
			buf_add_char(&text, '\n');
			continue;
		}
		section->text = take(arena, &text);
		section = &sections[(*count)++];
		section->level = cmark_node_get_heading_level(node);
		put_text(&text, node);
		section->title = take(arena, &text);
		markdown_heading_anchor(&text, node);
		section->anchor = take(arena, &text);
	}
	section->text = take(arena, &text);
}

enum err markdown_sections(struct arena *arena, struct str markdown, struct markdown_section **ret,
			   size_t *ret_count)
{
	struct markdown_section *sections =
		ARENA_ARRAY(arena, SECTIONS_MAX, struct markdown_section);
	size_t count = 1;
	if (markdown.len > LIMIT_MARKDOWN_BYTES)
		return ERR_TOO_LARGE;
	if (sections == NULL)
		return ERR_UNAVAILABLE;
	cmark_node *document = cmark_parse_document(markdown.data ? markdown.data : "",
						    markdown.len, CMARK_OPT_VALIDATE_UTF8);
	walk(arena, document, sections, &count);
	cmark_node_free(document);
	*ret = sections;
	*ret_count = count;
	return arena->failed ? ERR_UNAVAILABLE : OK;
}
