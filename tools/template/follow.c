#include "follow.h"

#include <string.h>

bool follow_is_space(char c)
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

void follow_append_name(struct context *context, char *name, char c)
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

void follow_check_attribute(const struct context *context, const char *name)
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
	follow_check_attribute(context, context->attribute);
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
	else if (follow_is_space(c))
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
		follow_append_name(context, context->element, c);
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
	} else if (!follow_is_space(c) && c != '/') {
		begin_attribute(context);
		follow_append_name(context, context->attribute, c);
	}
}

static void follow_name(struct context *context, char c)
{
	if (c != '=' && c != '>' && c != '/' && !follow_is_space(c)) {
		follow_append_name(context, context->attribute, c);
		return;
	}
	end_attribute_name(context);
	context->place = c == '='             ? PLACE_BEFORE_VALUE
			 : follow_is_space(c) ? PLACE_AFTER_NAME
					      : PLACE_IN_TAG;
	if (c == '>')
		end_tag(context);
}

static void follow_after_name(struct context *context, char c)
{
	if (c == '=') {
		context->place = PLACE_BEFORE_VALUE;
	} else if (!follow_is_space(c)) {
		context->place = PLACE_IN_TAG;
		follow_in_tag(context, c);
	}
}

static void follow_before_value(struct context *context, struct str rest)
{
	char c = rest.data[0];
	if (follow_is_space(c))
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
	else if (context->place == PLACE_RAW && !follow_is_space(rest.data[0]))
		source_fail(context->path, context->line,
			    "<%s> in a page is refused: use a file of src/web/assets",
			    context->element);
}

void follow_byte(struct context *context, struct str rest, bool ends_comment)
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
		else if (follow_is_space(c) || (c == '/' && context->element[0] != '/'))
			context->place = PLACE_IN_TAG;
		else
			follow_append_name(context, context->element, c);
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
