/* Where in HTML the output stands, so that only safe things are written there. */
#pragma once

#include "../source.h"

enum place {
	PLACE_TEXT,
	PLACE_TAG_OPEN, /* after "<" */
	PLACE_TAG_NAME,
	PLACE_IN_TAG, /* between attributes */
	PLACE_NAME,   /* in an attribute's name */
	PLACE_AFTER_NAME,
	PLACE_BEFORE_VALUE, /* after "=" */
	PLACE_DOUBLE,       /* in a value: "..." */
	PLACE_SINGLE,       /* '...' */
	PLACE_BARE,
	PLACE_COMMENT,
	PLACE_DECLARATION, /* <!doctype ...> */
	PLACE_RCDATA,      /* in <title>, <textarea>: text without tags */
	PLACE_RAW,         /* in <script>, <style> */
};

/* How far the value of a href, src, ... has come. */
enum url_state { URL_NONE, URL_EMPTY, URL_SLASH, URL_STARTED };

enum { CONTEXT_NAME_MAX = 32 };

struct context {
	const char *path;
	int line;
	enum place place;
	char element[CONTEXT_NAME_MAX]; /* the tag's name in small letters; "/p" for an end tag */
	char attribute[CONTEXT_NAME_MAX];
	enum url_state url;
	int pre_depth;  /* within <pre>: white space counts */
	bool is_opened; /* nothing came yet after <textarea>: the browser drops a line break there
			 */
	bool is_after_space; /* the last byte written was white space that could be collapsed */
	bool needs_space; /* the last thing in the tag may need a space before the next attribute */
};

enum value_kind { VALUE_PLAIN, VALUE_URL, VALUE_MARKUP, VALUE_ASSET };

/* Follows literal text, which starts at `line`, and appends it to out with white space collapsed.
 * Ends the program for what is refused. */
void context_literal(struct context *context, int line, struct str text, struct buf *out);
/* A value is about to be written: ends the program where that is not safe. True when a line break
 * must go first. */
bool context_value(struct context *context, int line, enum value_kind kind);
/* A boolean attribute is about to be written. */
void context_attribute(struct context *context, int line, struct str name);
/* A block begins or ends here: an attribute's name cannot go on behind it, and it may have written
 * anything. */
void context_block(struct context *context, int line);
/* Whether two branches leave HTML at the same place. */
bool context_same(const struct context *a, const struct context *b);
/* "in the text", "inside a tag", for complaints. */
const char *context_words(const struct context *context);
