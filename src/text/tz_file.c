#include "text/tz_file.h"

#include <stdlib.h>
#include <string.h>

/* A header of 44 bytes, then as many of each as it says:
 *
 *   "TZif" version 15*0 | isutcnt isstdcnt leapcnt timecnt typecnt charcnt (32 bits each)
 *   timecnt * time | timecnt * type index | typecnt * (offset:4 isdst:1 name:1) | charcnt | leapcnt
 * | isstdcnt | isutcnt
 *
 * It is there twice, with times of 4 and then of 8 bytes; after the second one "\n", a rule, "\n".
 */
enum { HEADER_BYTES = 44, TYPE_BYTES = 6 };

struct header {
	size_t is_utc, is_std, leaps, times, types, chars;
};

static int64_t read_int(const char *at, int bytes)
{
	uint64_t value = (unsigned char)at[0] & 0x80 ? UINT64_MAX : 0;
	for (int i = 0; i < bytes; i++)
		value = value << 8 | (unsigned char)at[i];
	return (int64_t)value;
}

static bool read_header(struct str bytes, struct header *ret)
{
	size_t counts[6];
	if (bytes.len < HEADER_BYTES || memcmp(bytes.data, "TZif", 4) != 0 || bytes.data[4] < '2')
		return false;
	for (int i = 0; i < 6; i++) {
		int64_t count = read_int(bytes.data + 20 + 4 * i, 4);
		if (count < 0 || count > TZ_FILE_MAX_BYTES)
			return false;
		counts[i] = (size_t)count;
	}
	*ret = (struct header){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
	return true;
}

static size_t data_bytes(const struct header *header, size_t time_bytes)
{
	return header->times * (time_bytes + 1) + header->types * TYPE_BYTES + header->chars +
	       header->leaps * (time_bytes + 4) + header->is_std + header->is_utc;
}

static enum err read_transitions(struct str data, const struct header *header, struct tz_file *file)
{
	const char *indexes = data.data + header->times * 8;
	const char *types = indexes + header->times;
	if (header->types == 0)
		return ERR_INVALID;
	if (header->times > TZ_TRANSITIONS_MAX)
		return ERR_TOO_LARGE;
	file->first_offset_s = (int32_t)read_int(types, 4);
	file->transitions = calloc(header->times + 1, sizeof(struct tz_transition));
	if (file->transitions == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < header->times; i++) {
		size_t type = (unsigned char)indexes[i];
		struct tz_transition *transition = &file->transitions[i];
		if (type >= header->types)
			return ERR_INVALID;
		transition->utc_s = read_int(data.data + i * 8, 8);
		transition->offset_s = (int32_t)read_int(types + type * TYPE_BYTES, 4);
		if (i > 0 && transition->utc_s <= transition[-1].utc_s)
			return ERR_INVALID;
	}
	file->count = header->times;
	return OK;
}

static enum err parse(struct str bytes, struct tz_file *file)
{
	struct header header;
	if (!read_header(bytes, &header))
		return ERR_INVALID;
	size_t first = HEADER_BYTES + data_bytes(&header, 4);
	struct str second = str_slice(bytes, first, bytes.len);
	if (!read_header(second, &header))
		return ERR_INVALID;
	struct str data = str_slice(second, HEADER_BYTES, second.len);
	size_t len = data_bytes(&header, 8);
	if (data.len < len)
		return ERR_INVALID;
	TRY(read_transitions(data, &header, file));
	struct str footer = str_slice(data, len, data.len);
	struct str empty, rule;
	if (str_next(&footer, '\n', &empty) && empty.len == 0 && str_next(&footer, '\n', &rule))
		file->has_rule = tz_rule_parse(rule, &file->rule);
	return OK;
}

enum err tz_file_parse(struct str bytes, struct tz_file *ret)
{
	struct tz_file file = {0};
	if (bytes.len > TZ_FILE_MAX_BYTES)
		return ERR_TOO_LARGE;
	enum err err = parse(bytes, &file);
	if (err != OK)
		tz_file_release(&file);
	else
		*ret = file;
	return err;
}

void tz_file_release(struct tz_file *file)
{
	if (file == NULL)
		return;
	free(file->transitions);
	*file = (struct tz_file){0};
}

int32_t tz_file_offset_s(const struct tz_file *file, int64_t utc_s)
{
	size_t low = 0, high = file->count; /* the number of transitions that are over */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (file->transitions[middle].utc_s <= utc_s)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == file->count && file->has_rule)
		return tz_rule_offset_s(&file->rule, utc_s);
	return low == 0 ? file->first_offset_s : file->transitions[low - 1].offset_s;
}
