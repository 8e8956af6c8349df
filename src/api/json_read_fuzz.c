/* A JSON body of any bytes: either refused, or what was read is text that can be written and read
 * again. */
#include "api/json_read.h"
#include "api/json_write.h"

#include "base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_fields(struct json_read *read, struct buf *out)
{
	struct json_write write = {.out = out};
	struct str *list = NULL;
	size_t count = 0;
	json_write_object(&write, NULL);
	json_write_text(&write, "subject", json_read_text(read, "subject", REQUIRED));
	json_write_bool(&write, "all", json_read_bool(read, "all", OPTIONAL));
	if (json_read_texts(read, "to", 500, &list, &count) == OK) {
		json_write_list(&write, "to");
		for (size_t i = 0; i < count; i++)
			json_write_text(&write, NULL, list[i]);
		json_write_list_end(&write);
	}
	json_write_object_end(&write);
}

static bool read_body(struct cx *cx, struct str body, struct buf *out)
{
	CLEANUP_JSON_READ struct json_read read = {.root = NULL};
	struct form_errors errors = {.count = 0};
	if (json_read_open(cx, body, &errors, &read) != OK)
		return false;
	read_fields(&read, out);
	if (json_read_end(&read) == OK)
		return true;
	for (size_t i = 0; i < errors.count; i++) {
		if (errors.items[i].detail.len == 0 ||
		    !utf8_is_valid(str_of(errors.items[i].field)))
			abort();
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena arena;
	struct cx cx = {.arena = &arena, .language = language_find(STR("en"))};
	CLEANUP_BUF struct buf first;
	CLEANUP_BUF struct buf second;
	arena_init(&arena, 16 << 20);
	buf_init(&first, 16 << 20);
	buf_init(&second, 16 << 20);
	if (!read_body(&cx, str_bytes(data, size), &first) || arena.failed || first.err != OK)
		return 0;
	if (!utf8_is_valid(buf_str(&first)) || !read_body(&cx, buf_str(&first), &second) ||
	    !str_eq(buf_str(&first), buf_str(&second)))
		abort();
	return 0;
}
