#include "core/search_query.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/search_fold.h"
#include "text/calendar.h"
#include "text/tz.h"

struct parsing {
	struct cx *cx;
	struct str rest;
	struct str zone;
	struct search_query *query;
	bool are_too_many;
	enum err err; /* the last one */
};

/* ---- dates ---- */

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t days_in(int64_t year, int32_t month)
{
	static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year));
}

static bool read_part(struct str *rest, size_t digits, int64_t least, int64_t most, int64_t *ret)
{
	struct str part;
	return str_next(rest, '-', &part) && part.len > 0 && part.len <= digits &&
	       str_to_int(part, ret) && *ret >= least && *ret <= most;
}

/* "2026", "2026-11" or "2026-11-22": its first day. */
static bool read_date(struct str word, struct calendar_date *ret)
{
	int64_t year, month = 1, day = 1;
	if (word.len < 4 || !read_part(&word, 4, 1970, 9999, &year))
		return false;
	if (word.data && !read_part(&word, 2, 1, 12, &month))
		return false;
	if (word.data && !read_part(&word, 2, 1, days_in(year, (int32_t)month), &day))
		return false;
	*ret = (struct calendar_date){.year = year, .month = (int32_t)month, .day = (int32_t)day};
	return word.data == NULL;
}

/* Midnight in the zone. Its offset is that of the moment looked for, so it is asked twice. */
static int64_t midnight_ms(struct str zone, struct calendar_date date)
{
	int64_t local_s = calendar_days(date) * (DAY_MS / SECOND_MS);
	int64_t utc_s = local_s - tz_offset_s(zone, local_s);
	utc_s = local_s - tz_offset_s(zone, utc_s);
	return utc_s > 0 ? utc_s * SECOND_MS : 1;
}

/* ---- operators ---- */

static void add_term(struct parsing *parsing, enum search_field field, struct str typed)
{
	struct search_query *query = parsing->query;
	struct str folded;
	enum err err = search_fold(parsing->cx->arena, typed, &folded);
	if (err != OK) {
		parsing->err = err;
		return;
	}
	folded = str_trim(folded);
	if (folded.len == 0)
		return;
	parsing->are_too_many = parsing->are_too_many || query->term_count == SEARCH_TERMS_MAX;
	if (parsing->are_too_many)
		return;
	query->terms[query->term_count++] = (struct search_term){
		.field = field,
		.folded = folded,
		.is_self = field != SEARCH_ANYWHERE && str_eq(folded, STR("me")),
	};
}

static bool take_from(struct parsing *parsing, struct str value)
{
	add_term(parsing, SEARCH_FROM, value);
	return true;
}

static bool take_to(struct parsing *parsing, struct str value)
{
	add_term(parsing, SEARCH_TO, value);
	return true;
}

static bool take_label(struct parsing *parsing, struct str value)
{
	struct search_query *query = parsing->query;
	parsing->are_too_many = parsing->are_too_many || query->label_count == SEARCH_LABELS_MAX;
	if (!parsing->are_too_many)
		query->labels[query->label_count++] = value;
	return true;
}

static bool hint(struct parsing *parsing, enum search_hint hint)
{
	parsing->query->hints |= hint;
	return false;
}

static bool take_has(struct parsing *parsing, struct str value)
{
	if (!str_eq_nocase(value, STR("file")))
		return hint(parsing, SEARCH_HINT_BOX);
	parsing->query->has_file = true;
	return true;
}

static bool take_in(struct parsing *parsing, struct str value)
{
	static const struct {
		struct str word;
		enum box box;
	} boxes[] = {
		{STR("inbox"), BOX_INBOX},
		{STR("sent"), BOX_SENT},
		{STR("archive"), BOX_ARCHIVE},
		{STR("trash"), BOX_TRASH},
	};
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		if (str_eq_nocase(boxes[i].word, value)) {
			parsing->query->box = boxes[i].box;
			return true;
		}
	}
	return hint(parsing, SEARCH_HINT_BOX);
}

static bool take_is(struct parsing *parsing, struct str value)
{
	bool is_unread = str_eq_nocase(value, STR("unread"));
	if (!is_unread && !str_eq_nocase(value, STR("read")))
		return hint(parsing, SEARCH_HINT_BOX);
	parsing->query->is_unread |= is_unread;
	parsing->query->is_read |= !is_unread;
	return true;
}

static bool take_before(struct parsing *parsing, struct str value)
{
	struct calendar_date date;
	struct search_query *query = parsing->query;
	if (!read_date(value, &date))
		return hint(parsing, SEARCH_HINT_DATE);
	int64_t ms = midnight_ms(parsing->zone, date);
	if (query->before_ms == 0 || ms < query->before_ms)
		query->before_ms = ms;
	return true;
}

static bool take_after(struct parsing *parsing, struct str value)
{
	struct calendar_date date;
	struct search_query *query = parsing->query;
	if (!read_date(value, &date))
		return hint(parsing, SEARCH_HINT_DATE);
	int64_t ms = midnight_ms(parsing->zone, date);
	if (ms > query->after_ms)
		query->after_ms = ms;
	return true;
}

/* Each takes its value, or leaves it to be text. */
static const struct {
	struct str word;
	bool (*take)(struct parsing *parsing, struct str value);
} operators[] = {
	{STR("from"), take_from},     {STR("to"), take_to},       {STR("label"), take_label},
	{STR("has"), take_has},       {STR("in"), take_in},       {STR("is"), take_is},
	{STR("before"), take_before}, {STR("after"), take_after},
};
enum { OPERATOR_COUNT = sizeof(operators) / sizeof(operators[0]) };

/* ---- words ---- */

/* The bytes of a quotation mark that begins s, of any kind; 0: there is none. */
static size_t quote_at(struct str s)
{
	static const struct str marks[] = {STR("\""),     STR("\u201c"), STR("\u201d"),
					   STR("\u201e"), STR("\u00ab"), STR("\u00bb")};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (str_starts_with(s, marks[i]))
			return marks[i].len;
	}
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Up to the closing quotation mark, or the end: who is still typing has not closed it yet. */
static struct str take_phrase(struct parsing *parsing, size_t mark)
{
	struct str phrase = str_slice(parsing->rest, mark, parsing->rest.len);
	for (size_t i = 0; i < phrase.len; i++) {
		size_t end = quote_at(str_slice(phrase, i, phrase.len));
		if (end > 0) {
			parsing->rest = str_slice(phrase, i + end, phrase.len);
			return str_slice(phrase, 0, i);
		}
	}
	parsing->rest = STR_NONE;
	return phrase;
}

static struct str take_word(struct parsing *parsing)
{
	struct str rest = parsing->rest;
	size_t len = 0;
	while (len < rest.len && !is_blank(rest.data[len]))
		len++;
	parsing->rest = str_slice(rest, len, rest.len);
	return str_slice(rest, 0, len);
}

static struct str take_value(struct parsing *parsing)
{
	size_t mark = quote_at(parsing->rest);
	return mark > 0 ? take_phrase(parsing, mark) : take_word(parsing);
}

/* How many of "from:" begin the rest; 0: it is no operator. */
static size_t operator_at(struct str rest, size_t *ret_operator)
{
	for (size_t i = 0; i < OPERATOR_COUNT; i++) {
		struct str word = operators[i].word;
		if (rest.len > word.len && rest.data[word.len] == ':' &&
		    str_eq_nocase(str_slice(rest, 0, word.len), word)) {
			*ret_operator = i;
			return word.len + 1;
		}
	}
	return 0;
}

/* A letter too many, too few, another or two exchanged: "form:", "lable:". */
static bool is_slip(struct str typed, struct str word)
{
	size_t head = 0, tail = 0, longest = typed.len > word.len ? typed.len : word.len;
	size_t shortest = typed.len > word.len ? word.len : typed.len;
	if (longest - shortest > 1 || shortest < 2)
		return false;
	while (head < shortest && (typed.data[head] | 0x20) == word.data[head])
		head++;
	while (tail < shortest - head &&
	       (typed.data[typed.len - 1 - tail] | 0x20) == word.data[word.len - 1 - tail])
		tail++;
	size_t differing = longest - head - tail;
	return differing == 1 || (differing == 2 && typed.len == word.len &&
				  (typed.data[head] | 0x20) == word.data[head + 1] &&
				  (typed.data[head + 1] | 0x20) == word.data[head]);
}

static void notice_slip(struct parsing *parsing, struct str word)
{
	ptrdiff_t colon = str_find_char(word, ':');
	for (size_t i = 0; colon > 0 && i < OPERATOR_COUNT; i++) {
		if (is_slip(str_slice(word, 0, (size_t)colon), operators[i].word))
			(void)hint(parsing, SEARCH_HINT_OPERATOR);
	}
}

static void parse_one(struct parsing *parsing)
{
	struct str start = parsing->rest;
	size_t operator;
	size_t mark = quote_at(start);
	if (mark > 0) {
		add_term(parsing, SEARCH_ANYWHERE, take_phrase(parsing, mark));
		return;
	}
	size_t len = operator_at(start, &operator);
	if (len > 0 && len < start.len && !is_blank(start.data[len])) {
		parsing->rest = str_slice(start, len, start.len);
		struct str value = str_trim(take_value(parsing));
		if (value.len > 0 && operators[operator].take(parsing, value))
			return;
		/* Not understood: as it was typed. */
		add_term(parsing, SEARCH_ANYWHERE,
			 str_slice(start, 0, start.len - parsing->rest.len));
		return;
	}
	struct str word = take_word(parsing);
	notice_slip(parsing, word);
	add_term(parsing, SEARCH_ANYWHERE, word);
}

enum err search_query_parse(struct cx *cx, struct str typed, struct str zone,
			    struct search_query *ret, struct form_errors *errors)
{
	struct search_query query = {.term_count = 0};
	struct parsing parsing = {.cx = cx, .rest = typed, .zone = zone, .query = &query};
	if (typed.len > LIMIT_SEARCH_BYTES) {
		form_error(cx, errors, "q", TEXT_SEARCH_TOO_LONG,
			   TEXT_NUMBER("count", LIMIT_SEARCH_BYTES / 4));
		return ERR_INVALID;
	}
	if (!utf8_is_text(typed)) {
		form_error(cx, errors, "q", TEXT_SEARCH_UNREADABLE);
		return ERR_INVALID;
	}
	while (parsing.rest.len > 0) {
		if (is_blank(parsing.rest.data[0]))
			parsing.rest = str_slice(parsing.rest, 1, parsing.rest.len);
		else
			parse_one(&parsing);
	}
	/* With a word left out it would find something else. */
	TRY(parsing.err);
	if (parsing.are_too_many) {
		form_error(cx, errors, "q", TEXT_SEARCH_TOO_MANY,
			   TEXT_NUMBER("count", SEARCH_TERMS_MAX),
			   TEXT_NUMBER("labels", SEARCH_LABELS_MAX));
		return ERR_INVALID;
	}
	*ret = query;
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

bool search_query_is_empty(const struct search_query *query)
{
	return query->term_count == 0 && query->label_count == 0 && query->box == BOX_NONE &&
	       !query->has_file && !query->is_unread && !query->is_read && query->after_ms == 0 &&
	       query->before_ms == 0;
}
