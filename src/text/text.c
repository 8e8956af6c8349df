#include "text/text.h"

#include "base/buf.h"
#include "text/language.h"
#include "text/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE_MAX_BYTES = 1 << 20 };

static const struct language *find_exactly(struct str tag)
{
	for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
		if (str_eq_nocase(language_table[i].tag, tag))
			return &language_table[i];
	}
	return NULL;
}

/* "de-AT-1996" is tried as it is, then as "de-AT", then as "de". */
const struct language *language_find(struct str tag)
{
	for (;;) {
		const struct language *language = find_exactly(tag);
		if (language)
			return language;
		while (tag.len > 0 && tag.data[tag.len - 1] != '-')
			tag.len--;
		if (tag.len == 0)
			return &language_table[LANGUAGE_EN];
		tag.len--;
	}
}

struct str language_tag(const struct language *language)
{
	return language->tag;
}

const struct language *language_at(size_t at)
{
	return &language_table[at];
}

struct str text_get(const struct language *language, enum text_id id)
{
	const struct sentence *sentence = &language->sentences[id];
	return sentence->forms ? sentence->forms[PLURAL_OTHER] : sentence->text;
}

static const struct text_arg *find_arg(const struct text_arg *args, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++) {
		if (strncmp(args[i].name, name.data, name.len) == 0 &&
		    args[i].name[name.len] == '\0')
			return &args[i];
	}
	return NULL;
}

static struct str choose_form(const struct language *language, enum text_id id,
			      const struct text_arg *args, size_t count)
{
	const struct sentence *sentence = &language->sentences[id];
	if (sentence->forms == NULL)
		return sentence->text;
	const struct text_arg *number = find_arg(args, count, STR("count"));
	if (number == NULL || !number->is_number)
		return text_get(language, id);
	return sentence->forms[plural_of(language->tag, number->number)];
}

/* 1234567 -> "1,234,567" */
static void add_number(struct buf *out, const struct language *language, int64_t number)
{
	char digits[24];
	if (number > -1000 && number < 1000) {
		buf_add_int(out, number);
		return;
	}
	uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, size);
	if (number < 0)
		buf_add_char(out, '-');
	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf_add(out, text_get(language, TEXT_NUMBER_GROUP));
		buf_add_char(out, digits[i]);
	}
}

static void add_arg(struct buf *out, const struct language *language, const struct text_arg *arg)
{
	if (arg && arg->is_number)
		add_number(out, language, arg->number);
	else if (arg)
		buf_add(out, arg->text);
}

struct str text_fill(struct arena *arena, const struct language *language, enum text_id id,
		     const struct text_arg *args, size_t count)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, SENTENCE_MAX_BYTES);
	struct str rest = choose_form(language, id, args, count);
	for (;;) {
		ptrdiff_t open = str_find_char(rest, '{');
		if (open < 0)
			break;
		buf_add(&out, str_slice(rest, 0, (size_t)open));
		rest = str_slice(rest, (size_t)open + 1, rest.len);
		struct str name = STR_NONE;
		str_next(&rest, '}', &name);
		add_arg(&out, language, find_arg(args, count, name));
	}
	buf_add(&out, rest);
	if (out.err != OK)
		arena->failed = true;
	return arena_copy(arena, buf_str(&out));
}
