#include "context.h"

#include "follow.h"

#include <string.h>

static bool is_collapsible(const struct context *context)
{
	return (context->place == PLACE_TEXT && context->pre_depth == 0) ||
	       context->place == PLACE_IN_TAG || context->place == PLACE_RAW;
}

/* A run of white space becomes one line feed if it has any, else one space. */
static size_t collapse(struct context *context, struct str text, size_t at, struct buf *out)
{
	size_t end = at;
	bool has_line_feed = false;
	for (; end < text.len && follow_is_space(text.data[end]); end++) {
		has_line_feed |= text.data[end] == '\n';
		context->line += text.data[end] == '\n';
	}
	context->needs_space = false;
	if (!context->is_after_space)
		buf_add_char(out, has_line_feed && context->place == PLACE_TEXT ? '\n' : ' ');
	context->is_after_space = true;
	return end;
}

void context_literal(struct context *context, int line, struct str text, struct buf *out)
{
	context->line = line;
	for (size_t i = 0; i < text.len;) {
		char c = text.data[i];
		if (follow_is_space(c) && is_collapsible(context)) {
			i = collapse(context, text, i, out);
			continue;
		}
		if (context->needs_space && context->place == PLACE_IN_TAG && c != '>' && c != '/')
			buf_add_char(out, ' ');
		context->needs_space = false;
		bool ends_comment =
			c == '>' && i >= 2 && text.data[i - 1] == '-' && text.data[i - 2] == '-';
		follow_byte(context, str_slice(text, i, text.len - i), ends_comment);
		context->line += c == '\n';
		context->is_after_space = false;
		buf_add_char(out, c);
		i++;
	}
}

static void check_url_value(const struct context *context, enum value_kind kind)
{
	if (context->url == URL_EMPTY && kind != VALUE_ASSET)
		source_fail(context->path, context->line,
			    "\"%s\" starts with literal text or an asset, not with a value",
			    context->attribute);
	if (context->url == URL_SLASH && kind != VALUE_URL)
		source_fail(context->path, context->line,
			    "a value right after \"/\" could lead to another server: use {{ url "
			    "... }}");
}

bool context_value(struct context *context, int line, enum value_kind kind)
{
	context->line = line;
	if (context->place == PLACE_RAW)
		source_fail(context->path, line, "a value within <%s> is refused",
			    context->element);
	if (context->place != PLACE_TEXT && context->place != PLACE_RCDATA &&
	    context->place != PLACE_DOUBLE)
		source_fail(context->path, line,
			    "a value %s is refused: only text and attribute=\"...\" take values",
			    context_words(context));
	if (kind == VALUE_MARKUP && context->place != PLACE_TEXT)
		source_fail(context->path, line, "markup %s is refused", context_words(context));
	if (context->place == PLACE_DOUBLE && context->url != URL_NONE) {
		check_url_value(context, kind);
		context->url = URL_STARTED;
	}
	bool is_opened = context->is_opened;
	context->is_opened = false;
	context->is_after_space = false;
	return is_opened;
}

void context_attribute(struct context *context, int line, struct str name)
{
	char text[CONTEXT_NAME_MAX] = "";
	context->line = line;
	context_block(context, line);
	if (context->place != PLACE_IN_TAG)
		source_fail(context->path, line,
			    "{%% attr %%} stands between the attributes of a tag");
	for (size_t i = 0; i < name.len; i++)
		follow_append_name(context, text, name.data[i]);
	follow_check_attribute(context, text);
}

void context_block(struct context *context, int line)
{
	context->line = line;
	if (context->place == PLACE_NAME)
		follow_check_attribute(context, context->attribute);
	if (context->place == PLACE_NAME || context->place == PLACE_AFTER_NAME ||
	    context->place == PLACE_TAG_NAME)
		context->place = PLACE_IN_TAG;
	context->needs_space = context->place == PLACE_IN_TAG;
	context->is_after_space = false;
}

bool context_same(const struct context *a, const struct context *b)
{
	bool is_in_value = a->place >= PLACE_NAME && a->place <= PLACE_BARE;
	return a->place == b->place && a->pre_depth == b->pre_depth &&
	       strcmp(a->element, b->element) == 0 &&
	       (!is_in_value || strcmp(a->attribute, b->attribute) == 0);
}

const char *context_words(const struct context *context)
{
	switch (context->place) {
	case PLACE_TEXT: return "in the text";
	case PLACE_DOUBLE: return "in an attribute";
	case PLACE_SINGLE: return "in single quotes";
	case PLACE_BARE:
	case PLACE_BEFORE_VALUE: return "without quotes";
	case PLACE_COMMENT: return "in a comment";
	case PLACE_DECLARATION: return "in a declaration";
	case PLACE_RCDATA: return "in a title or textarea";
	case PLACE_RAW: return "in a script or style";
	default: return "inside a tag";
	}
}
