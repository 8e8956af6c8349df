#include "api/json_read.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A message to the most people there can be, and room to tell somebody that there are too many.
 * Each value costs about 100 bytes when parsed, so a body of the largest size could otherwise take
 * 200 MB. */
enum { VALUES_MAX = 20 * 1024, FIELD_NAME_CHARS = 60 };

/* Bodies hold passwords and messages, so nothing of them stays behind in freed memory. */
static void free_wiped(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void wipe_what_jansson_frees(void)
{
	json_set_alloc_funcs(malloc, free_wiped);
}

/* Depth and number of values, before anything is allocated. Brackets and commas within texts do not
 * count. */
static enum err check_shape(struct str body)
{
	size_t depth = 0;
	size_t values = 0;
	bool is_in_text = false;
	for (size_t i = 0; i < body.len; i++) {
		char c = body.data[i];
		if (is_in_text && c == '\\')
			i++;
		else if (c == '"')
			is_in_text = !is_in_text;
		else if (is_in_text)
			continue;
		else if ((c == '[' || c == '{') && ++depth > LIMIT_JSON_DEPTH)
			return ERR_INVALID;
		else if ((c == ']' || c == '}') && depth > 0)
			depth--;
		values += !is_in_text && (c == ',' || c == '[' || c == '{');
	}
	return values > VALUES_MAX ? ERR_TOO_LARGE : OK;
}

enum err json_read_open(struct cx *cx, struct str body, struct form_errors *errors,
			struct json_read *ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	json_error_t error;
	pthread_once(&once, wipe_what_jansson_frees);
	TRY(check_shape(body));
	json_t *root =
		json_loadb(body.len ? body.data : "", body.len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		return json_error_code(&error) == json_error_out_of_memory ? ERR_UNAVAILABLE
									   : ERR_INVALID;
	if (!json_is_object(root)) {
		json_decref(root);
		return ERR_INVALID;
	}
	*ret = (struct json_read){.cx = cx, .errors = errors, .root = root};
	return OK;
}

void json_read_close(struct json_read *read)
{
	json_decref(read->root);
	read->root = NULL;
}

static const char *name_of(const struct json_read *read, const char *field)
{
	if (read->path == NULL)
		return field;
	return arena_cstr(read->cx->arena,
			  arena_printf(read->cx->arena, "%s%s", read->path, field));
}

void json_read_tell(struct json_read *read, const char *field, enum text_id sentence)
{
	form_error(read->cx, read->errors, name_of(read, field), sentence);
}

bool json_read_has(const struct json_read *read, const char *field)
{
	return json_object_get(read->root, field) != NULL;
}

/* NULL, told as an error if it is required, when the field is missing. */
static const json_t *find(struct json_read *read, const char *field, enum presence presence)
{
	const json_t *value = json_object_get(read->root, field);
	if (read->known_count < JSON_READ_FIELDS_MAX)
		read->known[read->known_count++] = field;
	if (value == NULL && presence == REQUIRED)
		json_read_tell(read, field, TEXT_JSON_FIELD_MISSING);
	return value;
}

static struct str text_of(struct json_read *read, const json_t *value)
{
	return arena_copy(read->cx->arena,
			  str_bytes(json_string_value(value), json_string_length(value)));
}

struct str json_read_text(struct json_read *read, const char *field, enum presence presence)
{
	const json_t *value = find(read, field, presence);
	if (value == NULL)
		return STR_NONE;
	if (json_is_string(value))
		return text_of(read, value);
	json_read_tell(read, field, TEXT_JSON_NOT_TEXT);
	return STR_NONE;
}

int64_t json_read_int(struct json_read *read, const char *field, int64_t least,
		      enum presence presence)
{
	const json_t *value = find(read, field, presence);
	if (value == NULL)
		return 0;
	if (json_is_integer(value) && json_integer_value(value) >= least)
		return json_integer_value(value);
	form_error(read->cx, read->errors, name_of(read, field), TEXT_JSON_NOT_INT,
		   TEXT_NUMBER("least", least));
	return 0;
}

bool json_read_null(struct json_read *read, const char *field)
{
	if (!json_is_null(json_object_get(read->root, field)))
		return false;
	(void)find(read, field, OPTIONAL);
	return true;
}

bool json_read_bool(struct json_read *read, const char *field, enum presence presence)
{
	const json_t *value = find(read, field, presence);
	if (value && !json_is_boolean(value))
		json_read_tell(read, field, TEXT_JSON_NOT_BOOL);
	return json_is_true(value);
}

enum err json_read_texts(struct json_read *read, const char *field, size_t max, struct str **ret,
			 size_t *ret_count)
{
	const json_t *list = find(read, field, OPTIONAL);
	size_t count = json_array_size(list);
	*ret_count = 0;
	if (list && !json_is_array(list))
		json_read_tell(read, field, TEXT_JSON_NOT_LIST);
	if (count > max)
		form_error(read->cx, read->errors, name_of(read, field), TEXT_JSON_LIST_TOO_LONG,
			   TEXT_NUMBER("count", (int64_t)max));
	struct str *texts = ARENA_ARRAY(read->cx->arena, (count > max ? 0 : count) + 1, struct str);
	if (texts == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count && count <= max; i++) {
		const json_t *value = json_array_get(list, i);
		if (!json_is_string(value)) {
			json_read_tell(read, field, TEXT_JSON_NOT_LIST);
			return OK;
		}
		texts[i] = text_of(read, value);
	}
	*ret = texts;
	*ret_count = count > max ? 0 : count;
	return OK;
}

double json_read_number(struct json_read *read, const char *field, double least, double most,
			enum presence presence)
{
	const json_t *value = find(read, field, presence);
	if (value == NULL)
		return 0;
	double number = json_number_value(value);
	if (json_is_number(value) && number >= least && number <= most)
		return number;
	form_error(read->cx, read->errors, name_of(read, field), TEXT_JSON_NOT_NUMBER,
		   TEXT_NUMBER("least", (int64_t)least), TEXT_NUMBER("most", (int64_t)most));
	return 0;
}

static struct json_read within(struct json_read *read, const char *path, const json_t *value)
{
	return (struct json_read){
		.cx = read->cx,
		.errors = read->errors,
		.root = (json_t *)value,
		.path = path,
	};
}

enum err json_read_objects(struct json_read *read, const char *field, size_t max,
			   struct json_read **ret, size_t *ret_count)
{
	const json_t *list = find(read, field, OPTIONAL);
	size_t count = json_array_size(list);
	*ret_count = 0;
	if (list && !json_is_array(list))
		json_read_tell(read, field, TEXT_JSON_NOT_OBJECTS);
	if (count > max)
		form_error(read->cx, read->errors, name_of(read, field), TEXT_JSON_LIST_TOO_LONG,
			   TEXT_NUMBER("count", (int64_t)max));
	struct json_read *items =
		ARENA_ARRAY(read->cx->arena, (count > max ? 0 : count) + 1, struct json_read);
	if (items == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count && count <= max; i++) {
		const json_t *value = json_array_get(list, i);
		struct str path =
			arena_printf(read->cx->arena, "%s[%zu].", name_of(read, field), i);
		if (!json_is_object(value)) {
			json_read_tell(read, field, TEXT_JSON_NOT_OBJECTS);
			return OK;
		}
		items[i] = within(read, arena_cstr(read->cx->arena, path), value);
	}
	*ret = items;
	*ret_count = count > max ? 0 : count;
	return OK;
}

bool json_read_object(struct json_read *read, const char *field, enum presence presence,
		      struct json_read *ret)
{
	const json_t *value = find(read, field, presence);
	struct str path = arena_printf(read->cx->arena, "%s.", name_of(read, field));
	if (value && !json_is_object(value))
		json_read_tell(read, field, TEXT_JSON_NOT_OBJECT);
	if (!json_is_object(value))
		return false;
	*ret = within(read, arena_cstr(read->cx->arena, path), value);
	return true;
}

static bool read_entry(struct json_read *read, const char *name, const json_t *value,
		       struct json_entry *ret)
{
	ret->name = arena_copy(read->cx->arena, str_of(name));
	ret->value = json_is_true(value) ? STR("on") : STR_NONE;
	ret->is_flag = json_is_boolean(value);
	if (json_is_string(value))
		ret->value = text_of(read, value);
	return json_is_string(value) || json_is_boolean(value);
}

int64_t json_read_whole(struct json_read *read, const char *field, int64_t least, int64_t most,
			enum presence presence)
{
	size_t errors = read->errors->count;
	double number = json_read_number(read, field, (double)least, (double)most, presence);
	if (read->errors->count > errors || (double)(int64_t)number == number)
		return (int64_t)number;
	form_error(read->cx, read->errors, name_of(read, field), TEXT_JSON_NOT_WHOLE,
		   TEXT_NUMBER("least", least), TEXT_NUMBER("most", most));
	return 0;
}

enum err json_read_entries(struct json_read *read, const char *field, size_t max,
			   struct json_entry **ret, size_t *ret_count)
{
	const json_t *object = find(read, field, OPTIONAL);
	size_t size = json_object_size(object), count = 0;
	struct json_read inside;
	const char *name;
	json_t *value;
	*ret_count = 0;
	if (object && !json_is_object(object))
		json_read_tell(read, field, TEXT_JSON_NOT_OBJECT);
	if (size > max)
		form_error(read->cx, read->errors, name_of(read, field), TEXT_JSON_LIST_TOO_LONG,
			   TEXT_NUMBER("count", (int64_t)max));
	if (size > max)
		size = 0;
	struct json_entry *entries = ARENA_ARRAY(read->cx->arena, size + 1, struct json_entry);
	struct str path = arena_printf(read->cx->arena, "%s.", name_of(read, field));
	if (entries == NULL || read->cx->arena->failed)
		return ERR_UNAVAILABLE;
	inside = within(read, arena_cstr(read->cx->arena, path), object);
	json_object_foreach((json_t *)object, name, value)
	{
		if (count == size)
			break;
		if (!read_entry(read, name, value, &entries[count++])) {
			struct str shown = utf8_first(str_of(name), FIELD_NAME_CHARS);
			json_read_tell(&inside, arena_cstr(read->cx->arena, shown),
				       TEXT_JSON_NOT_TEXT);
		}
	}
	*ret = entries;
	*ret_count = count;
	return OK;
}

static size_t index_of(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;
	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

void json_read_flags(struct json_read *read, const char *field, const char *const *names,
		     size_t count, unsigned *ret_on, unsigned *ret_off)
{
	const json_t *object = find(read, field, OPTIONAL);
	const char *name;
	json_t *value;
	bool is_good = object == NULL || json_is_object(object);
	*ret_on = *ret_off = 0;
	json_object_foreach((json_t *)object, name, value)
	{
		size_t i = index_of(names, count, name);
		is_good = is_good && i < count && json_is_boolean(value);
		if (is_good)
			*(json_is_true(value) ? ret_on : ret_off) |= 1U << i;
	}
	if (!is_good)
		form_error(read->cx, read->errors, field, TEXT_JSON_OPTIONS_BAD);
}

static bool is_known(const struct json_read *read, const char *field)
{
	for (size_t i = 0; i < read->known_count; i++) {
		if (strcmp(read->known[i], field) == 0)
			return true;
	}
	return false;
}

enum err json_read_end(struct json_read *read)
{
	const char *field;
	json_t *value;
	json_object_foreach((json_t *)read->root, field, value)
	{
		struct str name = utf8_first(str_of(field), FIELD_NAME_CHARS);
		if (!is_known(read, field))
			json_read_tell(read, arena_cstr(read->cx->arena, name),
				       TEXT_JSON_FIELD_UNKNOWN);
	}
	return read->errors->count > 0 ? ERR_INVALID : OK;
}
