/* What forms and programs send of documents to sign: a field as a line, a picture, a picture as
 * data URL. The first byte chooses which. A line that is read is written the same. */
#include "core/png_check.h"
#include "core/signing_plan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(struct arena *arena, struct str line)
{
	struct signing_field field, again;
	const struct id file = {"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
	if (signing_plan_line_parse(line, &file, 1, &field) != OK)
		return;
	struct str written = signing_plan_line(arena, &field, &file);
	if (signing_plan_line_parse(written, &file, 1, &again) != OK ||
	    !str_eq(signing_plan_line(arena, &again, &file), written) ||
	    !str_eq(field.label, again.label) || field.box.x != again.box.x ||
	    field.box.page != again.box.page)
		abort();
}

static void check_url(struct arena *arena, struct str url)
{
	struct str png;
	if (png_from_data_url(arena, url, &png) == OK && png_check(png) != OK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_ARENA struct arena arena;
	arena_init(&arena, 8 << 20);
	if (size == 0)
		return 0;
	struct str bytes = str_bytes(data + 1, size - 1);
	if (data[0] == 'l')
		check_line(&arena, bytes);
	else if (data[0] == 'u')
		check_url(&arena, bytes);
	else
		(void)(png_check(bytes) == OK);
	return 0;
}
