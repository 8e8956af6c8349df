#include "source.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void source_fail(const char *path, int line, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (line > 0)
		fprintf(stderr, "%s:%d: error: ", path, line);
	else
		fprintf(stderr, "%s: error: ", path);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* The content, or data == NULL when the file cannot be read. */
static struct str read_whole(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return STR_NONE;
	char *data = arena_alloc(arena, SOURCE_MAX_BYTES);
	size_t len = data ? fread(data, 1, SOURCE_MAX_BYTES, file) : 0;
	bool is_whole = data && feof(file);
	fclose(file);
	return is_whole ? (struct str){data, len} : STR_NONE;
}

struct source source_read(struct arena *arena, const char *path)
{
	struct arena scratch;
	arena_init(&scratch, SOURCE_MAX_BYTES + 4096);
	struct source source = {path, read_whole(&scratch, path)};
	if (source.text.data == NULL)
		source_fail(path, 0, "cannot be read: %s", strerror(errno));
	if (!utf8_is_text(source.text))
		source_fail(path, 0, "is not UTF-8 text");
	source.text = arena_copy(arena, source.text);
	arena_release(&scratch);
	if (arena->failed)
		source_fail(path, 0, "is too much text");
	return source;
}

void source_write(const char *path, const struct buf *content)
{
	if (content->err != OK)
		source_fail(path, 0, "is too large to write");
	struct arena scratch;
	arena_init(&scratch, SOURCE_MAX_BYTES + 4096);
	struct str old = read_whole(&scratch, path);
	bool is_same = old.data != NULL && str_eq(old, buf_str(content));
	arena_release(&scratch);
	if (is_same)
		return;
	FILE *file = fopen(path, "wb");
	if (file == NULL || fwrite(content->data, 1, content->len, file) != content->len ||
	    fclose(file) != 0)
		source_fail(path, 0, "cannot be written: %s", strerror(errno));
}
