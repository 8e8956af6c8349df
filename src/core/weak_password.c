#include "core/weak_password.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>

/* One lower-case entry a line, the first after a line end. */
static const char common_passwords[] = "\n"
#include "common_passwords.inc"
	;

enum {
	OWN_WORDS_MAX = 32,
	OWN_WORD_MIN_BYTES = 3, /* shorter ones, like initials, only count beside a longer one */
	DECORATION_BYTES =
		6, /* any digits and signs up to here do not make a common word a good password */
	RUN_AVERAGE = 3, /* runs this long on average make a sequence */
};

/* Wiped by arena_release(), like everything in an arena; libunistring's copy is wiped here. */
static enum err fold(struct arena *arena, struct str text, struct str *ret)
{
	size_t len = 0;
	uint8_t *folded =
		u8_casefold((const uint8_t *)text.data, text.len, NULL, UNINORM_NFC, NULL, &len);
	if (folded == NULL)
		return ERR_UNAVAILABLE;
	*ret = arena_copy(arena, str_bytes(folded, len));
	explicit_bzero(folded, len);
	free(folded);
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

/* The letter that a digit or sign usually stands for; i and l share theirs, as 1 is written for
 * both. */
static char plain_letter(char c)
{
	static const char leet[] = "4a@a3e1i!i|ili0o5s$s7t+t";
	for (size_t i = 0; i + 1 < sizeof(leet); i += 2) {
		if (leet[i] == c)
			return leet[i + 1];
	}
	return c;
}

/* Anything but ASCII digits and signs counts as a letter. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static size_t count_letters(struct str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.len; i++)
		count += is_letter(s.data[i]);
	return count;
}

static bool has_word_at(struct str text, size_t at, struct str word)
{
	if (word.len > text.len - at)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (plain_letter(text.data[at + i]) != plain_letter(word.data[i]))
			return false;
	}
	return true;
}

/* The password is a piece too short to be one, repeated (the last time perhaps cut off). */
static bool is_repeated(struct str text)
{
	for (size_t period = 1; period <= text.len / 2; period++) {
		if (utf8_count(str_slice(text, 0, period)) >= LIMIT_PASSWORD_MIN_CHARS)
			return false;
		if (memcmp(text.data, text.data + period, text.len - period) == 0)
			return true;
	}
	return false;
}

/* ---- sequences ---- */

/* The way from one character to the next: along the code (a b c, 3 2 1, a a a) or along a keyboard
 * (q w e, 1 q a z). */
enum step { STEP_NONE = 0, STEP_CODE = 10, STEP_ROW = 20, STEP_COLUMN = 30 };

static bool find_key(char c, int *ret_row, int *ret_column)
{
	static const char *const rows[] = {"1234567890-=", "qwertyuiop[]", "asdfghjkl;'",
					   "zxcvbnm,./"};
	for (int row = 0; row < 4; row++) {
		const char *at = c ? strchr(rows[row], c) : NULL;
		if (at) {
			*ret_row = row;
			*ret_column = (int)(at - rows[row]);
			return true;
		}
	}
	return false;
}

/* Two steps are the same way on when they are equal. */
static int step_between(char from, char to)
{
	int row_from, column_from, row_to, column_to;
	if (abs(to - from) <= 1)
		return STEP_CODE + (to - from);
	if (!find_key(from, &row_from, &column_from) || !find_key(to, &row_to, &column_to))
		return STEP_NONE;
	if (row_from == row_to && abs(column_to - column_from) == 1)
		return STEP_ROW + (column_to - column_from);
	if (column_from == column_to && abs(row_to - row_from) == 1)
		return STEP_COLUMN + (row_to - row_from);
	return STEP_NONE;
}

/* Whether walking from `before` over `at` to `next` goes the same way on. "1 2 3" steps along the
 * code, "9 0" along the row. */
static bool goes_on(char before, char at, char next)
{
	int step = step_between(at, next);
	return step != STEP_NONE && step == step_between(before, at);
}

static bool is_sequence(struct str text)
{
	size_t runs = 1;
	size_t run_len = 1;
	for (size_t i = 1; i < text.len; i++) {
		bool is_on = run_len == 1
				     ? step_between(text.data[i - 1], text.data[i]) != STEP_NONE
				     : goes_on(text.data[i - 2], text.data[i - 1], text.data[i]);
		run_len = is_on ? run_len + 1 : 1;
		runs += !is_on;
	}
	return text.len >= RUN_AVERAGE * runs;
}

/* ---- the person's own words ---- */

struct words {
	struct str items[OWN_WORDS_MAX];
	size_t count;
};

static void add_words(struct words *words, struct str text)
{
	for (size_t start = 0, at = 0; at <= text.len; at++) {
		bool is_inside = at < text.len && (is_letter(text.data[at]) ||
						   (text.data[at] >= '0' && text.data[at] <= '9'));
		if (is_inside)
			continue;
		struct str word = str_slice(text, start, at - start);
		if (count_letters(word) > 0 && words->count < OWN_WORDS_MAX)
			words->items[words->count++] = word;
		start = at + 1;
	}
}

/* What is known of the first bytes of a password: made of digits and signs only, or of those and
 * own words. */
enum { COVERED_BY_DIGITS = 1, COVERED_BY_WORDS = 2 };

static enum err is_own(struct arena *arena, struct str text, const struct words *words, bool *ret)
{
	uint8_t *covered = arena_alloc(arena, text.len + 1);
	if (covered == NULL)
		return ERR_UNAVAILABLE;
	covered[0] = COVERED_BY_DIGITS;
	for (size_t at = 0; at < text.len; at++) {
		if (covered[at] == 0)
			continue;
		if (!is_letter(text.data[at]))
			covered[at + 1] |= covered[at];
		for (size_t i = 0; i < words->count; i++) {
			struct str word = words->items[i];
			if (has_word_at(text, at, word))
				covered[at + word.len] |= word.len < OWN_WORD_MIN_BYTES
								  ? covered[at]
								  : COVERED_BY_WORDS;
		}
	}
	*ret = (covered[text.len] & COVERED_BY_WORDS) != 0;
	return OK;
}

/* ---- the list ---- */

static bool is_decoration(struct str head, struct str tail)
{
	if (count_letters(head) + count_letters(tail) > 0)
		return false;
	return head.len + tail.len <= DECORATION_BYTES ||
	       ((head.len == 0 || is_sequence(head)) && (tail.len == 0 || is_sequence(tail)));
}

static bool is_entry_with_decoration(struct str text, struct str entry)
{
	if (text.len == entry.len)
		return has_word_at(text, 0, entry);
	if (count_letters(entry) == 0)
		return false;
	for (size_t at = 0; at + entry.len <= text.len; at++) {
		struct str tail = str_slice(text, at + entry.len, text.len);
		if (has_word_at(text, at, entry) && is_decoration(str_slice(text, 0, at), tail))
			return true;
		if (is_letter(text.data[at]))
			break;
	}
	return false;
}

static bool is_common(struct str text)
{
	struct str rest = str_slice(str_of(common_passwords), 1, sizeof(common_passwords));
	struct str entry;
	while (str_next(&rest, '\n', &entry)) {
		if (entry.len > 0 && is_entry_with_decoration(text, entry))
			return true;
	}
	return false;
}

enum err weak_password_look(struct arena *arena, struct str password, const struct str *own,
			    size_t own_count, enum weakness *ret)
{
	struct words words = {.count = 0};
	struct str text;
	bool is_owned = false;
	TRY(fold(arena, password, &text));
	for (size_t i = 0; i < own_count; i++) {
		struct str folded = STR_NONE;
		if (own[i].len > 0)
			TRY(fold(arena, own[i], &folded));
		add_words(&words, folded);
	}
	TRY(is_own(arena, text, &words, &is_owned));
	*ret = is_repeated(text)   ? WEAKNESS_REPEATED
	       : is_sequence(text) ? WEAKNESS_SEQUENCE
	       : is_owned          ? WEAKNESS_OWN_WORDS
	       : is_common(text)   ? WEAKNESS_COMMON
				   : WEAKNESS_NONE;
	return OK;
}
