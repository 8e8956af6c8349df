#include "core/byte_size.h"

#define KIB INT64_C(1024)
#define KB INT64_C(1000)

/* What a number is written with is the first that divides it. */
static const struct unit {
	const char *name;
	int64_t bytes;
} units[] = {
	{"TiB", KIB *KIB *KIB *KIB}, {"GiB", KIB *KIB *KIB}, {"MiB", KIB *KIB}, {"KiB", KIB},
	{"TB", KB *KB *KB *KB},      {"GB", KB *KB *KB},     {"MB", KB *KB},    {"kB", KB},
};
enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

bool byte_size_parse(struct str text, int64_t *ret)
{
	int64_t number, bytes, unit_bytes = 1;
	for (size_t i = 0; i < UNIT_COUNT && unit_bytes == 1; i++) {
		struct str name = str_of(units[i].name);
		if (!str_ends_with(text, name))
			continue;
		unit_bytes = units[i].bytes;
		text = str_trim(str_slice(text, 0, text.len - name.len));
	}
	if (!str_to_int(text, &number) || __builtin_mul_overflow(number, unit_bytes, &bytes))
		return false;
	*ret = bytes;
	return true;
}

struct str byte_size_text(struct arena *arena, int64_t bytes)
{
	for (size_t i = 0; i < UNIT_COUNT && bytes > 0; i++)
		if (bytes % units[i].bytes == 0)
			return arena_printf(arena, "%lld %s", (long long)(bytes / units[i].bytes),
					    units[i].name);
	return arena_printf(arena, "%lld", (long long)bytes);
}
