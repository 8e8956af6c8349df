/* Whatever bytes a value has: nothing in the output can end a text, a tag or a quoted attribute. */
#include "text/html.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct buf *out, const char *forbidden)
{
	for (size_t i = 0; i < out->len; i++) {
		if (out->data[i] != '\0' && strchr(forbidden, out->data[i]))
			abort();
	}
}

/* Every "&" begins one of the five entities. */
static void check_entities(struct str text)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	for (size_t i = 0; i < text.len; i++) {
		bool is_entity = text.data[i] != '&';
		for (size_t k = 0; k < sizeof(entities) / sizeof(entities[0]); k++)
			is_entity |=
				str_starts_with(str_slice(text, i, text.len), str_of(entities[k]));
		if (!is_entity)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP_ARENA;
	struct buf buf CLEANUP_BUF;
	arena_init(&arena, 16 << 20);
	buf_init(&buf, 16 << 20);
	struct html out = {&buf, language_find(STR("en")), &arena};
	struct str value = str_bytes(data, size);
	html_put(&out, value);
	HTML_TEXT_FILL(&out, TEXT_DATE_TIME, TEXT_ARG_OF("hour", value),
		       TEXT_ARG_OF("minute", value));
	check(&buf, "<>\"'");
	check_entities(buf_str(&buf));
	buf_clear(&buf);
	html_put_url(&out, value);
	check(&buf, "<>\"'&/?# \\:");
	return 0;
}
