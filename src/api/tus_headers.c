#include "api/tus_headers.h"

#include "base/encode.h"
#include "base/limits.h"

#include <string.h>
#include <time.h>

enum { METADATA_KEYS_MAX = 32 };

enum err tus_headers_number(struct str value, int64_t *ret)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < '0' || value.data[i] > '9')
			return ERR_INVALID;
	if (value.len == 0)
		return ERR_INVALID;
	return str_to_int(value, ret) ? OK : ERR_TOO_LARGE;
}

/* ---- Upload-Metadata ---- */

/* A key is visible ASCII without a comma. */
static bool is_key(struct str key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.data[i] <= ' ' || key.data[i] > '~')
			return false;
	return key.len > 0;
}

struct reading {
	struct arena *arena;
	struct str keys[METADATA_KEYS_MAX];
	size_t key_count;
	struct tus_metadata metadata;
};

static bool has_key(const struct reading *reading, struct str key)
{
	for (size_t i = 0; i < reading->key_count; i++)
		if (str_eq(reading->keys[i], key))
			return true;
	return false;
}

/* "key base64"; without a value "key" or "key ". */
static enum err read_pair(struct reading *reading, struct str pair)
{
	struct str key = STR_NONE, value;
	if (!str_next(&pair, ' ', &key) || !is_key(key) || has_key(reading, key) ||
	    reading->key_count == METADATA_KEYS_MAX)
		return ERR_INVALID;
	reading->keys[reading->key_count++] = key;
	TRY(decode_base64(reading->arena, pair, &value));
	if (str_eq(key, STR("filename")))
		reading->metadata.filename = value;
	if (str_eq(key, STR("filetype")))
		reading->metadata.filetype = value;
	return OK;
}

enum err tus_headers_metadata(struct arena *arena, struct str value, struct tus_metadata *ret)
{
	struct reading reading = {.arena = arena};
	struct str rest = value, pair;
	if (value.len > LIMIT_UPLOAD_METADATA_BYTES)
		return ERR_TOO_LARGE;
	while (rest.len > 0) {
		/* A comma at the end has nothing behind it. */
		bool is_open = rest.data[rest.len - 1] == ',';
		str_next(&rest, ',', &pair);
		if (rest.len == 0 && is_open)
			return ERR_INVALID;
		/* Some write a space behind the comma. */
		if (reading.key_count > 0 && str_starts_with(pair, STR(" ")))
			pair = str_slice(pair, 1, pair.len);
		TRY(read_pair(&reading, pair));
	}
	*ret = reading.metadata;
	return OK;
}

static struct str write_pair(struct arena *arena, const char *key, struct str value)
{
	struct str text = encode_base64(arena, value);
	return arena_printf(arena, "%s %.*s", key, STR_ARGS(text));
}

struct str tus_headers_write_metadata(struct arena *arena, const struct tus_metadata *metadata)
{
	struct str name = write_pair(arena, "filename", metadata->filename);
	struct str type = write_pair(arena, "filetype", metadata->filetype);
	return arena_printf(arena, "%.*s,%.*s", STR_ARGS(name), STR_ARGS(type));
}

/* ---- Upload-Checksum ---- */

enum err tus_headers_checksum(struct arena *arena, struct str value, struct upload_checksum *ret)
{
	struct upload_checksum checksum = {.is_wanted = value.len > 0};
	struct str rest = value, word = STR_NONE, sum;
	if (!checksum.is_wanted) {
		*ret = checksum;
		return OK;
	}
	str_next(&rest, ' ', &word);
	while (checksum.kind < HASH_KINDS && !str_eq(word, str_of(hash_kind_word(checksum.kind))))
		checksum.kind++;
	if (checksum.kind == HASH_KINDS)
		return ERR_INVALID;
	TRY(decode_base64(arena, rest, &sum));
	if (sum.len != hash_kind_bytes(checksum.kind))
		return ERR_INVALID;
	memcpy(checksum.expected, sum.data, sum.len);
	*ret = checksum;
	return OK;
}

struct str tus_headers_algorithms(struct arena *arena)
{
	struct str list = STR_NONE;
	for (enum hash_kind kind = 0; kind < HASH_KINDS; kind++)
		list = arena_printf(arena, "%.*s%s%s", STR_ARGS(list), list.len > 0 ? "," : "",
				    hash_kind_word(kind));
	return list;
}

/* ---- dates ---- */

struct str tus_headers_date(struct arena *arena, int64_t utc_ms)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(utc_ms / 1000);
	struct tm tm;
	if (gmtime_r(&seconds, &tm) == NULL)
		return STR_NONE;
	return arena_printf(arena, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday],
			    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
			    tm.tm_sec);
}
