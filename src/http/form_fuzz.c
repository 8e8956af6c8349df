#include "base/utf8.h"
#include "http/form.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP_ARENA;
	struct form form;
	arena_init(&arena, 4 << 20);
	if (form_parse(&arena, str_bytes(data, size), &form) != OK)
		return 0;
	for (size_t i = 0; i < form.count; i++) {
		struct str value = form.fields[i].value;
		if (!utf8_is_valid(value) || (value.len > 0 && memchr(value.data, '\0', value.len)))
			abort();
		form_value(&form, arena_cstr(&arena, form.fields[i].name));
	}
	return 0;
}
