#include "base/buf.h"
#include "http/multipart.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err begin(void *argument, const struct multipart_part *part)
{
	struct buf *story = argument;
	if (part->name.data == NULL)
		abort();
	buf_addf(story, "[%zu %zu %zu]", part->name.len, part->file_name.len, part->type.len);
	return OK;
}

static enum err add(void *argument, struct str bytes)
{
	if (bytes.len == 0)
		abort();
	buf_add(argument, bytes);
	return OK;
}

static enum err end(void *argument)
{
	buf_add_char(argument, ';');
	return OK;
}

static enum err parse(struct str type, struct str body, size_t step, struct buf *story)
{
	const struct multipart_events events = {begin, add, end, story};
	struct multipart *multipart;
	TRY(multipart_new(type, &events, &multipart));
	for (size_t at = 0; at < body.len; at += step)
		if (multipart_take(multipart, str_slice(body, at, step)) != OK)
			break;
	enum err err = multipart_finish(multipart);
	multipart_free(multipart);
	return err;
}

/* The first byte says in what pieces it comes, the first line is the Content-Type. However it is
 * cut, the same is read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_bytes(data, size), type;
	struct buf whole CLEANUP_BUF, pieces CLEANUP_BUF;
	buf_init(&whole, 4 << 20);
	buf_init(&pieces, 4 << 20);
	if (size == 0)
		return 0;
	size_t step = 1 + data[0] % 100;
	rest = str_slice(rest, 1, rest.len);
	if (!str_next(&rest, '\n', &type))
		return 0;
	enum err err = parse(type, rest, rest.len + 1, &whole);
	if (parse(type, rest, step, &pieces) != err || !str_eq(buf_str(&whole), buf_str(&pieces)))
		abort();
	return 0;
}
