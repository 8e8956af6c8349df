#include "text/text.h"

#include "base/clock.h"
#include "text/calendar.h"
#include "text/html.h"
#include "text/language.h"
#include "text/plural.h"
#include "text/tz.h"
#include "text/tz_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct str some_forms[PLURAL_COUNT] = {STR("z"),  STR("{count} message for {name}"),
						    STR("tw"), STR("f"),
						    STR("m"),  STR("{count} messages for {name}")};
/* Two sentences under ids that exist anyway, so that the tests need no words of the product. */
static const struct sentence some_sentences[TEXT_COUNT_IDS] = {
	[TEXT_DATE_TIME] = {.text = STR("{b}, {a}{a} {unknown}!")},
	[TEXT_DATE_YESTERDAY] = {.forms = some_forms},
	[TEXT_NUMBER_GROUP] = {.text = STR(".")},
};
static const struct language some_language = {.tag = STR("en"), .sentences = some_sentences};

static void assert_text(struct str got, const char *wanted)
{
	if (!str_eq(got, str_of(wanted)))
		fail_msg("\"%.*s\", not \"%s\"", STR_ARGS(got), wanted);
}

static void a_sentence_is_filled(void **state)
{
	struct arena arena CLEANUP_ARENA;
	(void)state;
	arena_init(&arena, 1 << 20);
	assert_text(TEXT_FILL(&arena, &some_language, TEXT_DATE_TIME, TEXT_ARG("a", STR("{b}")),
			      TEXT_ARG("b", STR("<x>"))),
		    "<x>, {b}{b} !");
	assert_text(TEXT_FILL(&arena, &some_language, TEXT_DATE_YESTERDAY, TEXT_NUMBER("count", 1),
			      TEXT_ARG("name", STR("Anna"))),
		    "1 message for Anna");
	assert_text(TEXT_FILL(&arena, &some_language, TEXT_DATE_YESTERDAY,
			      TEXT_NUMBER("count", -1234567), TEXT_ARG("name", STR("Anna"))),
		    "-1.234.567 messages for Anna");
	assert_text(TEXT_FILL(&arena, &some_language, TEXT_DATE_YESTERDAY,
			      TEXT_NUMBER("count", INT64_MIN), TEXT_ARG("name", STR_NONE)),
		    "-9.223.372.036.854.775.808 messages for ");
	assert_text(text_get(&some_language, TEXT_DATE_YESTERDAY), "{count} messages for {name}");
}

static void a_sentence_without_memory_is_empty(void **state)
{
	struct arena arena CLEANUP_ARENA;
	(void)state;
	arena_init(&arena, 16);
	assert_text(TEXT_FILL(&arena, &some_language, TEXT_DATE_TIME, TEXT_ARG("a", STR("x"))), "");
	assert_true(arena.failed);
}

static void languages_are_found_by_tag(void **state)
{
	static const char *const tags[] = {"en", "EN", "en-GB", "en-GB-oxendict",
					   "xx", "",   "-",     "en-"};
	(void)state;
	for (size_t i = 0; i < COUNT(tags); i++)
		assert_text(language_tag(language_find(str_of(tags[i]))), "en");
}

static void plurals_follow_the_language(void **state)
{
	static const struct {
		const char *tag;
		int64_t count;
		enum plural form;
	} rows[] = {
		{"en", 0, PLURAL_OTHER},         {"en", 1, PLURAL_ONE},
		{"en", -1, PLURAL_ONE},          {"en", 2, PLURAL_OTHER},
		{"en-GB", 1, PLURAL_ONE},        {"xx", 1, PLURAL_ONE},
		{"de", 1, PLURAL_ONE},           {"fr", 0, PLURAL_ONE},
		{"fr", 2, PLURAL_OTHER},         {"pt", 0, PLURAL_ONE},
		{"pt-PT", 0, PLURAL_OTHER},      {"ja", 1, PLURAL_OTHER},
		{"pl", 1, PLURAL_ONE},           {"pl", 2, PLURAL_FEW},
		{"pl", 5, PLURAL_MANY},          {"pl", 12, PLURAL_MANY},
		{"pl", 21, PLURAL_MANY},         {"pl", 22, PLURAL_FEW},
		{"cs", 4, PLURAL_FEW},           {"cs", 22, PLURAL_OTHER},
		{"ru", 1, PLURAL_ONE},           {"ru", 21, PLURAL_ONE},
		{"ru", 11, PLURAL_MANY},         {"ru", 22, PLURAL_FEW},
		{"ru", 112, PLURAL_MANY},        {"hr", 5, PLURAL_OTHER},
		{"sl", 102, PLURAL_TWO},         {"ro", 0, PLURAL_FEW},
		{"ro", 20, PLURAL_OTHER},        {"ro", 119, PLURAL_FEW},
		{"lt", 21, PLURAL_ONE},          {"lt", 11, PLURAL_OTHER},
		{"lt", 9, PLURAL_FEW},           {"ar", 0, PLURAL_ZERO},
		{"ar", 1, PLURAL_ONE},           {"ar", 2, PLURAL_TWO},
		{"ar", 103, PLURAL_FEW},         {"ar", 11, PLURAL_MANY},
		{"ar", 100, PLURAL_OTHER},       {"he", 2, PLURAL_TWO},
		{"en", INT64_MIN, PLURAL_OTHER},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum plural form = plural_of(str_of(rows[i].tag), rows[i].count);
		if (form != rows[i].form)
			fail_msg("%s %lld: %s, not %s", rows[i].tag, (long long)rows[i].count,
				 plural_name(form), plural_name(rows[i].form));
	}
}

static int64_t utc_ms(int64_t year, int month, int day, int hour, int minute)
{
	int64_t days = calendar_days((struct calendar_date){year, month, day});
	return days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS;
}

static void days_of_the_calendar_go_there_and_back(void **state)
{
	(void)state;
	assert_int_equal(calendar_days((struct calendar_date){1970, 1, 1}), 0);
	assert_int_equal(calendar_days((struct calendar_date){2000, 3, 1}), 11017);
	assert_int_equal(calendar_weekday(0), 4);
	assert_int_equal(calendar_weekday(-1), 3);
	int32_t previous_day = calendar_from_days(-800001).day;
	for (int64_t days = -800000; days < 800000; days++) {
		struct calendar_date date = calendar_from_days(days);
		assert_int_equal(calendar_days(date), days);
		assert_true(date.day == 1 || date.day == previous_day + 1);
		previous_day = date.day;
	}
}

static void times_are_those_of_the_zone(void **state)
{
	static const struct {
		const char *zone;
		int year, month, day, hour, minute; /* UTC */
		const char *wanted;
	} rows[] = {
		{"", 2026, 11, 22, 21, 5, "22 Nov 2026, 21:05"},
		{"UTC", 2026, 11, 22, 21, 5, "22 Nov 2026, 21:05"},
		/* Summer time begins and ends. */
		{"Europe/Paris", 2026, 3, 29, 0, 59, "29 Mar 2026, 01:59"},
		{"Europe/Paris", 2026, 3, 29, 1, 0, "29 Mar 2026, 03:00"},
		{"Europe/Paris", 2026, 10, 25, 0, 59, "25 Oct 2026, 02:59"},
		{"Europe/Paris", 2026, 10, 25, 1, 0, "25 Oct 2026, 02:00"},
		{"America/New_York", 2026, 3, 8, 6, 59, "8 Mar 2026, 01:59"},
		{"America/New_York", 2026, 3, 8, 7, 0, "8 Mar 2026, 03:00"},
		{"America/New_York", 2026, 11, 1, 5, 59, "1 Nov 2026, 01:59"},
		{"America/New_York", 2026, 11, 1, 6, 0, "1 Nov 2026, 01:00"},
		/* After 2037 the rule at the end of the file holds. */
		{"Europe/Paris", 2060, 3, 28, 0, 59, "28 Mar 2060, 01:59"},
		{"Europe/Paris", 2060, 3, 28, 1, 0, "28 Mar 2060, 03:00"},
		{"America/New_York", 2060, 11, 7, 5, 59, "7 Nov 2060, 01:59"},
		{"America/New_York", 2060, 11, 7, 6, 0, "7 Nov 2060, 01:00"},
		/* The southern half: summer over new year. */
		{"Australia/Sydney", 2026, 1, 1, 0, 0, "1 Jan 2026, 11:00"},
		{"Australia/Sydney", 2060, 7, 1, 0, 0, "1 Jul 2060, 10:00"},
		{"Australia/Sydney", 2060, 12, 31, 13, 0, "1 Jan 2061, 00:00"},
		{"Asia/Kathmandu", 2026, 12, 31, 18, 30, "1 Jan 2027, 00:15"},
		{"America/Argentina/Buenos_Aires", 2026, 1, 1, 0, 0, "31 Dec 2025, 21:00"},
		{"Etc/GMT+12", 2026, 1, 1, 0, 0, "31 Dec 2025, 12:00"},
		{"Europe/Paris", 1969, 12, 31, 22, 59, "31 Dec 1969, 23:59"},
		/* Not a zone: UTC. */
		{"../../../etc/passwd", 2026, 1, 1, 0, 0, "1 Jan 2026, 00:00"},
		{"/etc/localtime", 2026, 1, 1, 0, 0, "1 Jan 2026, 00:00"},
		{"Europe", 2026, 1, 1, 0, 0, "1 Jan 2026, 00:00"},
		{"Europe/", 2026, 1, 1, 0, 0, "1 Jan 2026, 00:00"},
		{"Mars/Base", 2026, 1, 1, 0, 0, "1 Jan 2026, 00:00"},
		{"zone.tab", 2026, 1, 1, 0, 0, "1 Jan 2026, 00:00"},
		{"tzdata", 2026, 1, 1, 0, 0, "1 Jan 2026, 00:00"},
		{"Europe/Paris Europe/Paris Europe/Paris Europe/Paris", 2026, 1, 1, 0, 0,
		 "1 Jan 2026, 00:00"},
	};
	struct arena arena CLEANUP_ARENA;
	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t when = utc_ms(rows[i].year, rows[i].month, rows[i].day, rows[i].hour,
				      rows[i].minute);
		struct str got = format_date_time(&arena, language_find(STR("en")),
						  str_of(rows[i].zone), when);
		if (!str_eq(got, str_of(rows[i].wanted)))
			fail_msg("%s: \"%.*s\", not \"%s\"", rows[i].zone, STR_ARGS(got),
				 rows[i].wanted);
	}
	assert_true(tz_is_known(STR("Europe/Paris")));
	assert_true(tz_is_known(STR("UTC")));
	assert_false(tz_is_known(STR("Mars/Base")));
}

static void short_dates_say_only_what_is_needed(void **state)
{
	struct arena arena CLEANUP_ARENA;
	const struct language *en = language_find(STR("en"));
	struct str paris = STR("Europe/Paris");
	int64_t now = utc_ms(2026, 3, 1, 12, 0);
	(void)state;
	arena_init(&arena, 1 << 20);
	assert_text(format_date_short(&arena, en, paris, utc_ms(2026, 3, 1, 8, 5), now), "09:05");
	assert_text(format_date_short(&arena, en, paris, utc_ms(2026, 2, 28, 23, 0), now), "00:00");
	assert_text(format_date_short(&arena, en, paris, utc_ms(2026, 2, 28, 22, 59), now),
		    "Yesterday");
	assert_text(format_date_short(&arena, en, paris, utc_ms(2026, 2, 27, 22, 59), now),
		    "27 Feb");
	assert_text(format_date_short(&arena, en, paris, utc_ms(2025, 12, 31, 23, 0), now),
		    "1 Jan");
	assert_text(format_date_short(&arena, en, paris, utc_ms(2025, 12, 31, 22, 59), now),
		    "31 Dec 2025");
	assert_text(format_date_short(&arena, en, paris, utc_ms(2026, 3, 2, 12, 0), now), "2 Mar");
}

static void sizes_are_rounded_once(void **state)
{
	static const struct {
		int64_t bytes;
		const char *wanted;
	} rows[] = {
		{0, "0 B"},
		{812, "812 B"},
		{999, "999 B"},
		{1000, "1 kB"},
		{1049, "1 kB"},
		{1050, "1.1 kB"},
		{9949, "9.9 kB"},
		{9950, "10 kB"},
		{10499, "10 kB"},
		{10500, "11 kB"},
		{999499, "999 kB"},
		{999500, "1 MB"},
		{1400000, "1.4 MB"},
		{999999999, "1 GB"},
		{5000000000, "5 GB"},
		{INT64_C(12345678901234), "12 TB"},
		{INT64_MAX, "9,223,372 TB"},
	};
	struct arena arena CLEANUP_ARENA;
	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_text(format_size(&arena, language_find(STR("en")), rows[i].bytes),
			    rows[i].wanted);
}

static void rules_that_are_none_are_refused(void **state)
{
	static const char *const rules[] = {"",
					    "1",
					    "CET",
					    "CET-1CEST",
					    "CET-1CEST,M3.5.0",
					    "CET-1CEST,M13.5.0,M10.5.0",
					    "CET-1CEST,J60,J300",
					    "CET-1CEST,M3.6.0,M10.5.0",
					    "CET-1CEST,M3.5.7,M10.5.0",
					    "CET-1CEST,M3.5.0,M10.5.0x",
					    "<+01-1",
					    "CET-9999",
					    "CET-1:60",
					    "CET-1CEST,M3.0.0,M10.5.0"};
	struct tz_rule rule;
	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		if (tz_rule_parse(str_of(rules[i]), &rule))
			fail_msg("taken: \"%s\"", rules[i]);
	}
	assert_true(tz_rule_parse(STR("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1:30"), &rule));
	assert_int_equal(rule.standard_s, -10800);
	assert_int_equal(rule.summer_s, -7200);
	assert_int_equal(rule.end.time_s, -5400);
	assert_true(tz_rule_parse(STR("<+0545>-5:45"), &rule));
	assert_int_equal(rule.standard_s, 20700);
}

static void values_in_pages_are_escaped_by_type(void **state)
{
	struct arena arena CLEANUP_ARENA;
	struct buf buf CLEANUP_BUF;
	(void)state;
	arena_init(&arena, 1 << 20);
	buf_init(&buf, 1 << 20);
	struct html out = {&buf, &some_language, &arena};
	const char *none = NULL;
	const char array[] = "a&b";
	size_t size = 7;
	html_put(&out, STR("<'\">"));
	html_put(&out, none);
	html_put(&out, array);
	html_put(&out, size);
	html_put(&out, INT64_MIN);
	html_put_url(&out, STR(" /?&\""));
	html_put_markup(&out, (struct safe_html){STR("<b>")});
	HTML_TEXT_FILL(&out, TEXT_DATE_TIME, TEXT_ARG_OF("a", array), TEXT_ARG_OF("b", size));
	assert_text(buf_str(&buf),
		    "&lt;&#39;&quot;&gt;a&amp;b7-9223372036854775808%20%2F%3F%26%22<b>"
		    "7, a&amp;ba&amp;b !");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_is_filled),
		cmocka_unit_test(a_sentence_without_memory_is_empty),
		cmocka_unit_test(languages_are_found_by_tag),
		cmocka_unit_test(plurals_follow_the_language),
		cmocka_unit_test(days_of_the_calendar_go_there_and_back),
		cmocka_unit_test(times_are_those_of_the_zone),
		cmocka_unit_test(short_dates_say_only_what_is_needed),
		cmocka_unit_test(sizes_are_rounded_once),
		cmocka_unit_test(rules_that_are_none_are_refused),
		cmocka_unit_test(values_in_pages_are_escaped_by_type),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
