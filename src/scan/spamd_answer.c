#include "scan/spamd_answer.h"

enum { POINTS_MAX = 100000 };

/* A line without its end. */
static bool next_line(struct str *rest, struct str *ret)
{
	if (!str_next(rest, '\n', ret))
		return false;
	if (ret->len > 0 && ret->data[ret->len - 1] == '\r')
		ret->len--;
	return true;
}

/* "SPAMD/1.1 0 EX_OK" */
static bool is_fine(struct str line)
{
	struct str version, code;
	return str_next(&line, ' ', &version) && str_starts_with(version, STR("SPAMD/")) &&
	       str_next(&line, ' ', &code) && str_eq(code, STR("0"));
}

/* "-1.25" is -12; what is below a tenth is cut off. */
static bool parse_tenths(struct str text, int64_t *ret)
{
	int64_t whole, tenth = 0, sign = 1;
	struct str before = STR_NONE;
	text = str_trim(text);
	if (str_starts_with(text, STR("-"))) {
		sign = -1;
		text = str_slice(text, 1, text.len);
	}
	if (!str_next(&text, '.', &before) || !str_to_int(before, &whole) || whole > POINTS_MAX)
		return false;
	if (text.len > 0 && !str_to_int(str_slice(text, 0, 1), &tenth))
		return false;
	*ret = sign * (10 * whole + tenth);
	return true;
}

/* " False ; 1.2 / 5.0" */
static bool parse_score(struct str text, struct spam_verdict *verdict)
{
	struct str word, points;
	return str_next(&text, ';', &word) && str_next(&text, '/', &points) &&
	       parse_tenths(points, &verdict->tenths) &&
	       parse_tenths(text, &verdict->threshold_tenths);
}

static bool is_rule_byte(char c)
{
	return str_is_alnum(c) || c == '_' || c == ',';
}

static void copy_rules(struct str text, struct spam_verdict *verdict)
{
	size_t len = 0;
	text = str_trim(text);
	for (size_t i = 0; i < text.len && len < SPAM_FILTER_RULES_BYTES - 1; i++)
		if (is_rule_byte(text.data[i]))
			verdict->rules[len++] = text.data[i];
}

enum err spamd_answer_parse(struct str answer, struct spam_verdict *ret)
{
	struct spam_verdict verdict = {0};
	struct str line, name;
	bool has_score = false;
	if (!next_line(&answer, &line) || !is_fine(line))
		return ERR_UNAVAILABLE;
	while (next_line(&answer, &line) && line.len > 0) {
		if (!str_next(&line, ':', &name) || !str_eq_nocase(name, STR("Spam")))
			continue;
		if (!parse_score(line, &verdict))
			return ERR_UNAVAILABLE;
		has_score = true;
	}
	if (!has_score)
		return ERR_UNAVAILABLE;
	copy_rules(answer, &verdict);
	*ret = verdict;
	return OK;
}
