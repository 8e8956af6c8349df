#include "web/markdown.h"

#include "base/encode.h"
#include "base/limits.h"
#include "web/autolink.h"
#include "web/markdown_heading.h"

#include <cmark.h>
#include <stdlib.h>

enum {
	DEPTH_MAX = 24,    /* tags within tags; deeper content is shown without further ones */
	HEADING_SHIFT = 2, /* the page's own headings are h1 and h2 */
};

struct writer {
	struct buf *out;
	int depth;
	cmark_node *open_link; /* links do not nest in HTML */
	/* Not NULL: a text of our own, with these. */
	const struct markdown_picture *pictures;
};

static void put(struct writer *w, const char *markup)
{
	buf_add(w->out, str_of(markup));
}

static void put_text(struct writer *w, struct str text)
{
	encode_html(w->out, text);
}

/* A page of the portal, in a text of our own. */
static bool is_own(const struct writer *w, struct str url)
{
	return w->pictures && (str_starts_with(url, STR("/")) || str_starts_with(url, STR("#")));
}

static void put_link_start(struct writer *w, struct str url)
{
	put(w, "<a href=\"");
	encode_html(w->out, url);
	put(w, is_own(w, url) ? "\">" : "\" rel=\"noopener noreferrer nofollow\">");
}

/* Web addresses in it become links, unless it is the text of one already. */
static void put_linked_text(struct writer *w, struct str text)
{
	size_t start, len;
	while (w->open_link == NULL && autolink_find(text, &start, &len)) {
		struct str url = str_slice(text, start, len);
		put_text(w, str_slice(text, 0, start));
		put_link_start(w, url);
		put_text(w, url);
		put(w, "</a>");
		text = str_slice(text, start + len, text.len);
	}
	put_text(w, text);
}

/* As it was typed. */
static void put_lines(struct writer *w, struct str text)
{
	struct str rest = str_trim(text);
	struct str line;
	bool is_first = true;
	while (str_next(&rest, '\n', &line)) {
		if (!is_first)
			put(w, "<br>\n");
		is_first = false;
		encode_html(w->out, line);
	}
}

static bool is_web(struct str url)
{
	return (url.len > 8 && str_eq_nocase(str_slice(url, 0, 8), STR("https://"))) ||
	       (url.len > 7 && str_eq_nocase(str_slice(url, 0, 7), STR("http://")));
}

static bool is_allowed(struct str url)
{
	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.data[i];
		if (c <= 0x20 || c == 0x7f)
			return false;
	}
	return is_web(url) || (url.len > 7 && str_eq_nocase(str_slice(url, 0, 7), STR("mailto:")));
}

/* Where a link really leads, beside a text that says something else. */
static void put_host(struct writer *w, cmark_node *link, struct str url)
{
	cmark_node *child = cmark_node_first_child(link);
	const char *label = child ? cmark_node_get_literal(child) : NULL;
	if (!is_web(url) || (label && !cmark_node_next(child) && str_eq(str_of(label), url)))
		return;
	ptrdiff_t colon = str_find_char(url, ':');
	struct str host = str_slice(url, (size_t)colon + 3, url.len);
	for (size_t i = 0; i < host.len; i++) {
		if (host.data[i] == '/' || host.data[i] == '?' || host.data[i] == '#' ||
		    host.data[i] == '\\')
			host.len = i;
	}
	ptrdiff_t at;
	while ((at = str_find_char(host, '@')) >= 0)
		host = str_slice(host, (size_t)at + 1, host.len);
	put(w, " <span class=\"host\">(<bdi>");
	encode_html(w->out, host);
	put(w, "</bdi>)</span>");
}

static void write_link(struct writer *w, cmark_node *node, bool is_entering)
{
	struct str url = str_of(cmark_node_get_url(node));
	if (!is_entering && w->open_link == node) {
		put(w, "</a>");
		put_host(w, node, url);
		w->open_link = NULL;
	}
	if (!is_entering || w->open_link != NULL || !(is_allowed(url) || is_own(w, url)))
		return;
	w->open_link = node;
	put_link_start(w, url);
	/* A picture without a description would be a link without text. */
	if (cmark_node_first_child(node) == NULL)
		encode_html(w->out, url);
}

/* Its words are the alternative; those cmark has as children. */
static void write_picture(struct writer *w, cmark_node *node)
{
	struct str name = str_of(cmark_node_get_url(node));
	cmark_node *words = cmark_node_first_child(node);
	for (const struct markdown_picture *p = w->pictures; p->name != NULL; p++) {
		if (!str_eq(name, str_of(p->name)))
			continue;
		buf_addf(w->out,
			 "<img src=\"%s\" width=\"%d\" height=\"%d\" loading=\"lazy\" alt=\"",
			 p->path, p->width, p->height);
		put_text(w, str_of(words ? cmark_node_get_literal(words) : NULL));
		put(w, "\">");
	}
}

static void write_heading(struct writer *w, cmark_node *node, bool is_entering)
{
	int level = cmark_node_get_heading_level(node);
	if (w->pictures && is_entering) {
		buf_addf(w->out, "<h%d id=\"", level);
		markdown_heading_anchor(w->out, node);
		put(w, "\">");
		return;
	}
	level += w->pictures ? 0 : HEADING_SHIFT;
	buf_addf(w->out, is_entering ? "<h%d>" : "</h%d>\n", level > 6 ? 6 : level);
}

static void write_list(struct writer *w, cmark_node *node, bool is_entering)
{
	if (cmark_node_get_list_type(node) != CMARK_ORDERED_LIST) {
		put(w, is_entering ? "<ul dir=\"auto\">\n" : "</ul>\n");
		return;
	}
	int start = cmark_node_get_list_start(node);
	if (!is_entering)
		put(w, "</ol>\n");
	else if (start == 1)
		put(w, "<ol dir=\"auto\">\n");
	else
		buf_addf(w->out, "<ol dir=\"auto\" start=\"%d\">\n", start);
}

static bool is_in_tight_list(cmark_node *paragraph)
{
	cmark_node *item = cmark_node_parent(paragraph);
	cmark_node *list = item ? cmark_node_parent(item) : NULL;
	return list && cmark_node_get_type(list) == CMARK_NODE_LIST &&
	       cmark_node_get_list_tight(list);
}

static void write_container(struct writer *w, cmark_node *node, bool is_entering)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_BLOCK_QUOTE:
		put(w, is_entering ? "<blockquote dir=\"auto\">\n" : "</blockquote>\n");
		break;
	case CMARK_NODE_LIST: write_list(w, node, is_entering); break;
	case CMARK_NODE_ITEM: put(w, is_entering ? "<li>" : "</li>\n"); break;
	case CMARK_NODE_PARAGRAPH:
		if (!is_in_tight_list(node))
			put(w, is_entering ? "<p>" : "</p>\n");
		break;
	case CMARK_NODE_HEADING: write_heading(w, node, is_entering); break;
	case CMARK_NODE_EMPH: put(w, is_entering ? "<em>" : "</em>"); break;
	case CMARK_NODE_STRONG: put(w, is_entering ? "<strong>" : "</strong>"); break;
	case CMARK_NODE_LINK:
	case CMARK_NODE_IMAGE: write_link(w, node, is_entering); break;
	default: break;
	}
}

/* Whether it is one: such nodes are only entered. */
static bool write_leaf(struct writer *w, cmark_node *node)
{
	struct str literal = str_of(cmark_node_get_literal(node));
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT: put_linked_text(w, literal); break;
	case CMARK_NODE_SOFTBREAK: put(w, w->pictures ? "\n" : "<br>\n"); break;
	case CMARK_NODE_LINEBREAK: put(w, "<br>\n"); break;
	case CMARK_NODE_THEMATIC_BREAK: put(w, "<hr>\n"); break;
	case CMARK_NODE_HTML_INLINE: put_text(w, literal); break;
	case CMARK_NODE_HTML_BLOCK:
		put(w, "<p>");
		put_lines(w, literal);
		put(w, "</p>\n");
		break;
	case CMARK_NODE_CODE:
		put(w, "<code>");
		put_text(w, literal);
		put(w, "</code>");
		break;
	case CMARK_NODE_CODE_BLOCK:
		put(w, "<pre><code>");
		put_text(w, literal);
		put(w, "</code></pre>\n");
		break;
	default: return false;
	}
	return true;
}

static void write_document(struct writer *w, cmark_node *document)
{
	cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		if (w->pictures && cmark_node_get_type(node) == CMARK_NODE_IMAGE) {
			if (event == CMARK_EVENT_ENTER)
				write_picture(w, node);
			cmark_iter_reset(iter, node, CMARK_EVENT_EXIT);
			continue;
		}
		if (write_leaf(w, node))
			continue;
		bool is_entering = event == CMARK_EVENT_ENTER;
		w->depth += is_entering;
		if (w->depth <= DEPTH_MAX)
			write_container(w, node, is_entering);
		w->depth -= !is_entering;
	}
	cmark_iter_free(iter);
}

/* cmark takes up to 190 bytes of memory for one of text and stops the program when there is none:
 * hence LIMIT_MARKDOWN_BYTES. */
static void write_markdown(struct writer *w, struct str text)
{
	cmark_node *document =
		cmark_parse_document(text.data ? text.data : "", text.len, CMARK_OPT_VALIDATE_UTF8);
	/* Else an address would be cut wherever a sign in it could have meant something. */
	cmark_consolidate_text_nodes(document);
	write_document(w, document);
	cmark_node_free(document);
}

static void write_plain(struct writer *w, struct str text)
{
	put(w, "<p>");
	put_lines(w, text);
	put(w, "</p>\n");
}

static enum err keep(struct arena *arena, const struct buf *out, struct safe_html *ret)
{
	if (out->err != OK)
		return out->err;
	ret->markup = arena_copy(arena, buf_str(out));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err markdown_render(struct arena *arena, struct str text, size_t max_bytes,
			 struct safe_html *ret)
{
	struct buf CLEANUP_BUF out;
	buf_init(&out, max_bytes);
	struct writer writer = {.out = &out};
	if (text.len <= LIMIT_MARKDOWN_BYTES)
		write_markdown(&writer, text);
	if (text.len > LIMIT_MARKDOWN_BYTES || out.err == ERR_TOO_LARGE) {
		buf_clear(&out);
		write_plain(&writer, text);
	}
	return keep(arena, &out, ret);
}

enum err markdown_render_help(struct arena *arena, struct str text,
			      const struct markdown_picture *pictures, size_t max_bytes,
			      struct safe_html *ret)
{
	struct buf CLEANUP_BUF out;
	buf_init(&out, max_bytes);
	struct writer writer = {.out = &out, .pictures = pictures};
	if (text.len > LIMIT_MARKDOWN_BYTES)
		return ERR_TOO_LARGE;
	write_markdown(&writer, text);
	return keep(arena, &out, ret);
}
