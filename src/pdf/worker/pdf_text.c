#include "pdf/worker/pdf_text.h"

#include "base/clock.h"

struct date {
	int year, month, day, hour, minute, second;
};

/* Days since 1970 to a date of the Gregorian calendar, counted in years that begin in March. */
static struct date date_of(int64_t at_ms)
{
	int64_t seconds = at_ms / 1000, days = seconds / 86400 + 719468;
	int64_t era = days / 146097, day_of_era = days % 146097;
	int64_t year =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day = day_of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day + 2) / 153;
	struct date date = {.day = (int)(day - (153 * month + 2) / 5 + 1),
			    .month = (int)(month < 10 ? month + 3 : month - 9),
			    .hour = (int)(seconds / 3600 % 24),
			    .minute = (int)(seconds / 60 % 60),
			    .second = (int)(seconds % 60)};
	date.year = (int)(year + era * 400 + (date.month <= 2));
	return date;
}

struct str pdf_text_time(struct work *work, int64_t at_ms)
{
	struct date at = date_of(at_ms);
	return arena_printf(work->arena, "%04d-%02d-%02d %02d:%02d UTC", at.year, at.month, at.day,
			    at.hour, at.minute);
}

void pdf_text_put_time(struct work *work, pdf_obj *dict, const char *key, int64_t at_ms)
{
	struct date at = date_of(at_ms);
	struct str text = arena_printf(work->arena, "D:%04d%02d%02d%02d%02d%02dZ", at.year,
				       at.month, at.day, at.hour, at.minute, at.second);
	pdf_dict_puts_drop(work->ctx, dict, key,
			   pdf_new_string(work->ctx, text.data ? text.data : "", text.len));
}

/* The next `digits` of them, from `min` to `max`; `otherwise` when there is none. -1: wrong. */
static int64_t take_number(struct str *text, size_t digits, int64_t min, int64_t max,
			   int64_t otherwise)
{
	int64_t number;
	struct str part = str_slice(*text, 0, digits);
	if (part.len == 0 || part.data[0] < '0' || part.data[0] > '9')
		return otherwise;
	if (part.len < digits || !str_to_int(part, &number) || number < min || number > max)
		return -1;
	*text = str_slice(*text, digits, text->len);
	return number;
}

/* "Z", "+01'00'", or nothing. */
static bool take_zone(struct str text, int64_t *ret_seconds)
{
	int64_t sign = str_starts_with(text, STR("+"))   ? 1
		       : str_starts_with(text, STR("-")) ? -1
							 : 0;
	*ret_seconds = 0;
	if (sign == 0)
		return true;
	text = str_slice(text, 1, text.len);
	int64_t hours = take_number(&text, 2, 0, 23, -1);
	text = str_slice(text, str_starts_with(text, STR("'")), text.len);
	int64_t minutes = take_number(&text, 2, 0, 59, 0);
	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	return hours >= 0 && minutes >= 0;
}

int64_t pdf_text_read_time(struct str text)
{
	int64_t zone;
	if (str_starts_with(text, STR("D:")))
		text = str_slice(text, 2, text.len);
	int64_t year = take_number(&text, 4, 1970, 9999, -1);
	int64_t month = take_number(&text, 2, 1, 12, 1), day = take_number(&text, 2, 1, 31, 1);
	int64_t hour = take_number(&text, 2, 0, 23, 0), minute = take_number(&text, 2, 0, 59, 0);
	int64_t second = take_number(&text, 2, 0, 59, 0);
	if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0 ||
	    !take_zone(text, &zone))
		return 0;
	/* Years that begin in March, as above. */
	year -= month <= 2;
	month += month <= 2 ? 9 : -3;
	int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 +
		       day - 1 - 719468;
	return (days * 86400 + hour * 3600 + minute * 60 + second - zone) * 1000;
}

uint32_t *pdf_text_runes(struct work *work, struct str utf8, size_t *ret_count)
{
	/* Followed by a NUL, as the library's decoder wants it. */
	const char *at = arena_cstr(work->arena, utf8), *end = at + strlen(at);
	uint32_t *runes = WORK_ARRAY(work, utf8.len + 1, uint32_t);
	size_t count = 0;
	while (at < end) {
		int rune;
		at += fz_chartorune(&rune, at);
		runes[count++] = (uint32_t)rune;
	}
	*ret_count = count;
	return runes;
}

size_t pdf_text_utf16(uint32_t rune, uint8_t ret[4])
{
	if (rune < 0x10000) {
		ret[0] = (uint8_t)(rune >> 8);
		ret[1] = (uint8_t)rune;
		return 2;
	}
	rune -= 0x10000;
	uint32_t high = 0xd800 | (rune >> 10 & 0x3ff), low = 0xdc00 | (rune & 0x3ff);
	ret[0] = (uint8_t)(high >> 8);
	ret[1] = (uint8_t)high;
	ret[2] = (uint8_t)(low >> 8);
	ret[3] = (uint8_t)low;
	return 4;
}

void pdf_text_put(struct work *work, pdf_obj *dict, const char *key, struct str utf8)
{
	size_t count, len = 2;
	uint32_t *runes = pdf_text_runes(work, utf8, &count);
	uint8_t *text = WORK_ARRAY(work, 2 + 4 * count, uint8_t);
	text[0] = 0xfe;
	text[1] = 0xff;
	for (size_t i = 0; i < count; i++)
		len += pdf_text_utf16(runes[i], text + len);
	pdf_dict_puts_drop(work->ctx, dict, key,
			   pdf_new_string(work->ctx, (const char *)text, len));
}

pdf_obj *pdf_text_stream(struct work *work, pdf_obj *dict, const void *data, size_t len)
{
	fz_context *ctx = work->ctx;
	size_t packed_len;
	pdf_obj *stream = NULL;
	fz_buffer *buffer = NULL;
	fz_var(stream);
	fz_var(buffer);
	unsigned char *packed =
		fz_new_deflated_data(ctx, &packed_len, data, len, FZ_DEFLATE_DEFAULT);
	fz_try(ctx)
	{
		buffer = fz_new_buffer_from_data(ctx, packed, packed_len);
		packed = NULL; /* the buffer's now */
		pdf_dict_put(ctx, dict, PDF_NAME(Filter), PDF_NAME(FlateDecode));
		stream = pdf_add_stream(ctx, work->doc, buffer, dict, 1);
	}
	fz_always(ctx)
	{
		fz_drop_buffer(ctx, buffer);
		fz_free(ctx, packed);
	}
	fz_catch(ctx) fz_rethrow(ctx);
	return stream;
}
