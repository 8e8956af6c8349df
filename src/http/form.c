#include "http/form.h"

#include "base/encode.h"
#include "base/limits.h"

static size_t count_pairs(struct str encoded)
{
	size_t count = encoded.len > 0;
	for (size_t i = 0; i < encoded.len; i++)
		count += encoded.data[i] == '&';
	return count;
}

enum err form_parse(struct arena *arena, struct str encoded, struct form *ret)
{
	size_t most = count_pairs(encoded);
	if (most > LIMIT_FORM_FIELDS)
		return ERR_TOO_LARGE;
	struct form form = {.fields = ARENA_ARRAY(arena, most + 1, struct form_field)};
	if (form.fields == NULL)
		return ERR_TOO_LARGE;
	struct str pair, name;
	while (str_next(&encoded, '&', &pair)) {
		struct form_field *field = &form.fields[form.count];
		if (str_is_empty(pair))
			continue;
		if (!str_next(&pair, '=', &name))
			return ERR_INVALID;
		TRY(decode_url(arena, name, true, &field->name));
		TRY(decode_url(arena, pair, true, &field->value));
		form.count++;
	}
	*ret = form;
	return OK;
}

struct str form_value(const struct form *form, const char *name)
{
	struct str wanted = str_of(name);
	struct str found = STR_NONE;
	size_t count = 0;
	for (size_t i = 0; i < form->count; i++) {
		if (!str_eq(form->fields[i].name, wanted))
			continue;
		found = form->fields[i].value;
		count++;
	}
	return count == 1 ? found : STR_NONE;
}

bool form_has(const struct form *form, const char *name)
{
	struct str wanted = str_of(name);
	for (size_t i = 0; i < form->count; i++) {
		if (str_eq(form->fields[i].name, wanted))
			return true;
	}
	return false;
}
