#include "core/plain_text.h"

#include "base/buf.h"
#include "base/limits.h"

#include <cmark.h>

/* The address of a link whose text is another: it is shown beside it. */
static void put_address(struct buf *out, cmark_node *link)
{
	struct str url = str_of(cmark_node_get_url(link));
	cmark_node *child = cmark_node_first_child(link);
	struct str label = child ? str_of(cmark_node_get_literal(child)) : STR_NONE;
	if (url.len == 0 || (child && cmark_node_next(child) == NULL && str_eq(label, url)))
		return;
	buf_add(out, child ? STR(" (") : STR(""));
	buf_add(out, url);
	buf_add(out, child ? STR(")") : STR(""));
}

static void put_node(struct buf *out, cmark_node *node, bool is_entering)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
	case CMARK_NODE_CODE:
	case CMARK_NODE_HTML_INLINE: buf_add(out, str_of(cmark_node_get_literal(node))); break;
	case CMARK_NODE_CODE_BLOCK:
	case CMARK_NODE_HTML_BLOCK: buf_add(out, str_of(cmark_node_get_literal(node))); break;
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK: buf_add_char(out, '\n'); break;
	case CMARK_NODE_LINK:
	case CMARK_NODE_IMAGE:
		if (!is_entering)
			put_address(out, node);
		break;
	case CMARK_NODE_PARAGRAPH:
	case CMARK_NODE_HEADING:
		if (!is_entering)
			buf_add_char(out, '\n');
		break;
	default: break;
	}
}

/* cmark stops the program when memory runs out: hence LIMIT_MARKDOWN_BYTES. */
static void put_document(struct buf *out, struct str markdown)
{
	cmark_node *document = cmark_parse_document(markdown.data ? markdown.data : "",
						    markdown.len, CMARK_OPT_VALIDATE_UTF8);
	cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		put_node(out, cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER);
	cmark_iter_free(iter);
	cmark_node_free(document);
}

enum err plain_text(struct arena *arena, struct str markdown, struct str *ret)
{
	/* Character references ("&nGt;") may take a little more room than they were typed in. */
	struct buf out CLEANUP_BUF;
	buf_init(&out, 4 * LIMIT_MARKDOWN_BYTES);
	if (markdown.len > LIMIT_MARKDOWN_BYTES) {
		*ret = markdown;
		return OK;
	}
	put_document(&out, markdown);
	*ret = arena_copy(arena, buf_str(&out));
	return out.err != OK ? out.err : arena->failed ? ERR_UNAVAILABLE : OK;
}
