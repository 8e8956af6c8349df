#include "context.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static void append_name(struct context *context, char *name, char c)
{
	size_t len = strlen(name);
	if (len + 1 >= CONTEXT_NAME_MAX)
		source_fail(context->path, context->line, "the name \"%s...\" is too long", name);
	name[len] = lower(c);
	name[len + 1] = '\0';
}

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcmp(name, *list) == 0)
			return true;
	}
	return false;
}

static bool is_rcdata(const char *element)
{
	return is_one_of(element, (const char *const[]){"textarea", "title", NULL});
}

static bool is_raw(const char *element)
{
	return is_one_of(element, (const char *const[]){"script", "style", NULL});
}

static bool is_url_attribute(const char *name)
{
	static const char *const names[] = {
		"href", "src",  "action", "formaction", "xlink:href", "poster", "background",
		"cite", "data", "ping",   "srcset",     "manifest",   NULL};
	return is_one_of(name, names);
}

static void check_attribute_name(const struct context *context, const char *name)
{
	if (strncmp(name, "on", 2) == 0)
		source_fail(context->path, context->line,
			    "the attribute \"%s\" is script in a page: use a .ts file", name);
	if (strcmp(name, "style") == 0)
		source_fail(context->path, context->line,
			    "the attribute \"style\" is refused: use a class");
	if (strcmp(name, "srcdoc") == 0)
		source_fail(context->path, context->line, "the attribute \"srcdoc\" is refused");
}

static void begin_attribute(struct context *context)
{
	context->place = PLACE_NAME;
	context->attribute[0] = '\0';
	context->url = URL_NONE;
}

static void end_attribute_name(struct context *context)
{
	check_attribute_name(context, context->attribute);
	context->url = is_url_attribute(context->attribute) ? URL_EMPTY : URL_NONE;
}

static void end_tag(struct context *context)
{
	const char *element = context->element;
	context->place = PLACE_TEXT;
	context->url = URL_NONE;
	if (is_rcdata(element)) {
		context->place = PLACE_RCDATA;
		context->is_opened = strcmp(element, "textarea") == 0;
	} else if (is_raw(element)) {
		context->place = PLACE_RAW;
	} else if (strcmp(element, "pre") == 0) {
		context->pre_depth++;
	} else if (strcmp(element, "/pre") == 0 && context->pre_depth > 0) {
		context->pre_depth--;
	}
	if (context->place == PLACE_TEXT)
		context->element[0] = '\0';
	context->attribute[0] = '\0';
}

/* The literal beginning of a URL: a path of this portal, or a scheme that cannot run script. */
static void check_url_start(struct context *context, struct str rest)
{
	static const char *const starts[] = {"/", "#", "?", "https://", "http://", "mailto:"};
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (str_starts_with(rest, str_of(starts[i]))) {
			context->url = i == 0 ? URL_SLASH : URL_STARTED;
			return;
		}
	}
	source_fail(context->path, context->line,
		    "\"%s\" starts with /, #, ?, https:// or mailto:", context->attribute);
}

static void follow_url(struct context *context, struct str rest)
{
	if (context->url == URL_EMPTY) {
		check_url_start(context, rest);
	} else if (context->url == URL_SLASH) {
		if (rest.data[0] == '/' || rest.data[0] == '\\')
			source_fail(context->path, context->line, "\"//\" leads to another server");
		context->url = URL_STARTED;
	}
}

static void follow_value(struct context *context, struct str rest, char quote)
{
	char c = rest.data[0];
	if (c == quote)
		context->place = PLACE_IN_TAG;
	else
		follow_url(context, rest);
}

static void follow_bare(struct context *context, struct str rest)
{
	char c = rest.data[0];
	if (c == '>')
		end_tag(context);
	else if (is_space(c))
		context->place = PLACE_IN_TAG;
	else
		follow_url(context, rest);
}

static void follow_tag_open(struct context *context, struct str rest)
{
	char c = rest.data[0];
	context->element[0] = '\0';
	if (str_starts_with(rest, STR("!--"))) {
		context->place = PLACE_COMMENT;
	} else if (c == '!') {
		context->place = PLACE_DECLARATION;
	} else if (is_letter(c) || c == '/') {
		context->place = PLACE_TAG_NAME;
		append_name(context, context->element, c);
	} else {
		source_fail(context->path, context->line, "\"<\" without a tag: write &lt;");
	}
}

static void follow_in_tag(struct context *context, char c)
{
	if (c == '>') {
		end_tag(context);
	} else if (c == '"' || c == '\'' || c == '<' || c == '=') {
		source_fail(context->path, context->line, "\"%c\" between attributes", c);
	} else if (!is_space(c) && c != '/') {
		begin_attribute(context);
		append_name(context, context->attribute, c);
	}
}

static void follow_name(struct context *context, char c)
{
	if (c != '=' && c != '>' && c != '/' && !is_space(c)) {
		append_name(context, context->attribute, c);
		return;
	}
	end_attribute_name(context);
	context->place = c == '='      ? PLACE_BEFORE_VALUE
			 : is_space(c) ? PLACE_AFTER_NAME
				       : PLACE_IN_TAG;
	if (c == '>')
		end_tag(context);
}

static void follow_after_name(struct context *context, char c)
{
	if (c == '=') {
		context->place = PLACE_BEFORE_VALUE;
	} else if (!is_space(c)) {
		context->place = PLACE_IN_TAG;
		follow_in_tag(context, c);
	}
}

static void follow_before_value(struct context *context, struct str rest)
{
	char c = rest.data[0];
	if (is_space(c))
		return;
	context->place = c == '"' ? PLACE_DOUBLE : c == '\'' ? PLACE_SINGLE : PLACE_BARE;
	if (context->place == PLACE_BARE)
		follow_bare(context, rest);
}

static bool closes_element(const struct context *context, struct str rest)
{
	size_t len = strlen(context->element);
	return str_starts_with(rest, STR("</")) && rest.len > len + 2 &&
	       str_eq_nocase(str_slice(rest, 2, len), str_of(context->element)) &&
	       !is_letter(rest.data[len + 2]);
}

static void follow_raw(struct context *context, struct str rest)
{
	context->is_opened = false;
	if (closes_element(context, rest))
		context->place = PLACE_TAG_OPEN;
	else if (context->place == PLACE_RAW && !is_space(rest.data[0]))
		source_fail(context->path, context->line,
			    "<%s> in a page is refused: use a file of src/web/assets",
			    context->element);
}

/* One byte further; `rest` starts with it. */
static void follow(struct context *context, struct str rest, bool ends_comment)
{
	char c = rest.data[0];
	switch (context->place) {
	case PLACE_TEXT:
		if (c == '<')
			context->place = PLACE_TAG_OPEN;
		break;
	case PLACE_TAG_OPEN: follow_tag_open(context, rest); break;
	case PLACE_TAG_NAME:
		if (c == '>')
			end_tag(context);
		else if (is_space(c) || (c == '/' && context->element[0] != '/'))
			context->place = PLACE_IN_TAG;
		else
			append_name(context, context->element, c);
		break;
	case PLACE_IN_TAG: follow_in_tag(context, c); break;
	case PLACE_NAME: follow_name(context, c); break;
	case PLACE_AFTER_NAME: follow_after_name(context, c); break;
	case PLACE_BEFORE_VALUE: follow_before_value(context, rest); break;
	case PLACE_DOUBLE: follow_value(context, rest, '"'); break;
	case PLACE_SINGLE: follow_value(context, rest, '\''); break;
	case PLACE_BARE: follow_bare(context, rest); break;
	case PLACE_COMMENT:
		if (ends_comment)
			context->place = PLACE_TEXT;
		break;
	case PLACE_DECLARATION:
		if (c == '>')
			context->place = PLACE_TEXT;
		break;
	case PLACE_RCDATA:
	case PLACE_RAW: follow_raw(context, rest); break;
	}
}

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
	for (; end < text.len && is_space(text.data[end]); end++) {
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
		if (is_space(c) && is_collapsible(context)) {
			i = collapse(context, text, i, out);
			continue;
		}
		if (context->needs_space && context->place == PLACE_IN_TAG && c != '>' && c != '/')
			buf_add_char(out, ' ');
		context->needs_space = false;
		bool ends_comment =
			c == '>' && i >= 2 && text.data[i - 1] == '-' && text.data[i - 2] == '-';
		follow(context, str_slice(text, i, text.len - i), ends_comment);
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
		append_name(context, text, name.data[i]);
	check_attribute_name(context, text);
}

void context_block(struct context *context, int line)
{
	context->line = line;
	if (context->place == PLACE_NAME)
		check_attribute_name(context, context->attribute);
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
