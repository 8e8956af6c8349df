#include "mail/text_lint.h"

#include "base/utf8.h"

enum {
	SUBJECT_MAX_CHARS = 78, /* RFC 5322 2.1.1; what phones show is shorter still */
	BODY_MIN_CHARS = 60,
	BODY_MAX_CHARS = 2500,
	FILL_CHARS = 15, /* a placeholder, once it is filled */
	SHOUTED_CHARS = 4,
	SHOUTED_WORDS = 3,
	SPAM_WORDS_TOLD = 4,
};

struct lint {
	struct cx *cx;
	enum texts_name name;
	bool has_subject;
	struct str subject, body;
	struct text_warnings *warnings;
};

struct rule {
	const char *id;
	/* Whether it is there; *found: what of the text, for the sentence. */
	bool (*find)(const struct lint *lint, struct str *found);
	enum text_id detail, advice;
	bool is_of_subject;
};

/* ---- looking ---- */

static bool is_letter(char c)
{
	return str_is_alnum(c) || (unsigned char)c >= 0x80;
}

static bool begins_nocase(struct str text, struct str part)
{
	return text.len >= part.len && str_eq_nocase(str_slice(text, 0, part.len), part);
}

/* Whole words: "free" is not in "freedom". A phrase that begins or ends with something else needs
 * no border there. */
static bool is_word_at(struct str text, size_t at, struct str word)
{
	size_t end = at + word.len;
	if (!begins_nocase(str_slice(text, at, text.len), word))
		return false;
	if (is_letter(word.data[0]) && at > 0 && is_letter(text.data[at - 1]))
		return false;
	return !is_letter(word.data[word.len - 1]) || end == text.len || !is_letter(text.data[end]);
}

static bool find_word(struct str text, const char *word, struct str *found)
{
	for (size_t at = 0; at < text.len; at++) {
		if (!is_word_at(text, at, str_of(word)))
			continue;
		*found = str_slice(text, at, str_of(word).len);
		return true;
	}
	return false;
}

static bool find_in(const struct lint *lint, const char *word, struct str *found)
{
	return find_word(lint->subject, word, found) || find_word(lint->body, word, found);
}

static bool find_any(const struct lint *lint, const char *const *words, struct str *found)
{
	for (; *words != NULL; words++)
		if (find_in(lint, *words, found))
			return true;
	return false;
}

static size_t count_fill(struct str text, enum texts_fill fill)
{
	struct str before, word;
	size_t count = 0;
	while (texts_next_fill(&text, &before, &word))
		count += texts_fill_find(word) == fill;
	return count;
}

/* How many characters are read once the placeholders are filled. */
static size_t count_chars(struct str text)
{
	struct str before, word;
	size_t chars = 0;
	bool has_next;
	do {
		has_next = texts_next_fill(&text, &before, &word);
		chars += utf8_count(before) + (has_next ? FILL_CHARS : 0);
	} while (has_next);
	return chars;
}

/* ---- the rules ---- */

static bool finds_no_link(const struct lint *lint, struct str *found)
{
	(void)found;
	return count_fill(lint->body, FILL_LINK) == 0;
}

/* "https://x", "www.x": up to the next space. */
static bool is_link_at(struct str text, size_t at)
{
	struct str rest = str_slice(text, at, text.len);
	bool is_start = at == 0 || !is_letter(text.data[at - 1]);
	return is_start &&
	       (begins_nocase(rest, STR("http://")) || begins_nocase(rest, STR("https://")) ||
		begins_nocase(rest, STR("www.")) || begins_nocase(rest, STR("mailto:")));
}

static size_t count_links(struct str text, struct str *found)
{
	size_t count = 0;
	for (size_t at = 0; at < text.len; at++) {
		size_t end = at;
		if (!is_link_at(text, at))
			continue;
		while (end < text.len && text.data[end] > ' ')
			end++;
		*found = str_slice(text, at, end - at);
		at = end;
		count++;
	}
	return count;
}

static bool finds_foreign_link(const struct lint *lint, struct str *found)
{
	return count_links(lint->subject, found) + count_links(lint->body, found) > 0;
}

static bool finds_many_links(const struct lint *lint, struct str *found)
{
	struct str ignored;
	(void)found;
	return count_fill(lint->body, FILL_LINK) + count_links(lint->body, &ignored) > 1;
}

/* "<b>", "</p>", "&nbsp;". */
static bool is_html_at(struct str rest)
{
	size_t at = 1;
	if (begins_nocase(rest, STR("&nbsp;")) || begins_nocase(rest, STR("&amp;")))
		return true;
	if (rest.len < 3 || rest.data[0] != '<')
		return false;
	at += rest.data[1] == '/' || rest.data[1] == '!';
	if (!str_is_alnum(rest.data[at]) && rest.data[at] != '-')
		return false;
	while (at < rest.len && rest.data[at] != '>' && rest.data[at] != '\n' &&
	       rest.data[at] != '@')
		at++;
	return at < rest.len && rest.data[at] == '>';
}

static bool finds_html_in(struct str text, struct str *found)
{
	for (size_t at = 0; at < text.len; at++) {
		struct str rest = str_slice(text, at, text.len);
		if (!is_html_at(rest))
			continue;
		ptrdiff_t end = str_find_char(rest, rest.data[0] == '<' ? '>' : ';');
		*found = str_slice(rest, 0, (size_t)end + 1);
		return true;
	}
	return false;
}

static bool finds_html(const struct lint *lint, struct str *found)
{
	return finds_html_in(lint->subject, found) || finds_html_in(lint->body, found);
}

static bool finds_image(const struct lint *lint, struct str *found)
{
	static const char *const words[] = {"<img", "![",    "data:image", ".png",   ".jpg",
					    ".gif", ".jpeg", ".svg",       "[image", NULL};
	for (size_t i = 0; words[i] != NULL; i++)
		for (size_t at = 0; at < lint->body.len; at++)
			if (begins_nocase(str_slice(lint->body, at, lint->body.len),
					  str_of(words[i]))) {
				*found = str_of(words[i]);
				return true;
			}
	return false;
}

static bool is_shouted(struct str word)
{
	size_t capitals = 0;
	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] >= 'a' && word.data[i] <= 'z')
			return false;
		capitals += word.data[i] >= 'A' && word.data[i] <= 'Z';
	}
	return capitals >= SHOUTED_CHARS;
}

/* An abbreviation or a name may stand in capitals; several words are shouting. */
static size_t count_shouted(struct str text, struct str *found)
{
	size_t count = 0;
	for (size_t at = 0; at < text.len; at++) {
		size_t end = at;
		while (end < text.len && is_letter(text.data[end]))
			end++;
		struct str word = str_slice(text, at, end - at);
		if (is_shouted(word)) {
			*found = word;
			count++;
		}
		at = end;
	}
	return count;
}

static bool finds_marks(struct str text, struct str *found)
{
	static const struct str marks[] = {STR("!!"), STR("??"), STR("!?"), STR("?!")};
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (str_find(text, marks[i]) < 0)
			continue;
		*found = marks[i];
		return true;
	}
	return false;
}

static bool finds_shouting(const struct lint *lint, struct str *found)
{
	if (finds_marks(lint->subject, found) || finds_marks(lint->body, found))
		return true;
	size_t of_subject = count_shouted(lint->subject, found);
	return of_subject > 1 || of_subject + count_shouted(lint->body, found) >= SHOUTED_WORDS;
}

static bool finds_click_here(const struct lint *lint, struct str *found)
{
	static const char *const words[] = {
		"click here",      "click below", "click the link", "click on the link",
		"click this link", "click now",   "press here",     NULL};
	return find_any(lint, words, found);
}

static bool finds_attachment(const struct lint *lint, struct str *found)
{
	static const char *const words[] = {
		"attachment",        "attachments",  "attached", "enclosed file",
		"enclosed document", "see enclosed", NULL};
	return find_any(lint, words, found);
}

static bool finds_tracking(const struct lint *lint, struct str *found)
{
	static const char *const words[] = {
		"utm_source",     "utm_medium",   "utm_campaign", "fbclid",
		"tracking pixel", "read receipt", "unsubscribe",  NULL};
	return find_any(lint, words, found);
}

static bool finds_no_organisation(const struct lint *lint, struct str *found)
{
	struct str ignored;
	char name[256];
	struct str portal = lint->cx->portal->settings->name;
	(void)found;
	if (count_fill(lint->body, FILL_PORTAL) + count_fill(lint->subject, FILL_PORTAL) > 0)
		return false;
	if (portal.len == 0 || portal.len >= sizeof(name))
		return true;
	for (size_t i = 0; i < portal.len; i++)
		name[i] = portal.data[i];
	name[portal.len] = '\0';
	return !find_in(lint, name, &ignored);
}

static bool finds_no_sender(const struct lint *lint, struct str *found)
{
	(void)found;
	return texts_allows(lint->name, FILL_SENDER) && lint->has_subject &&
	       count_fill(lint->body, FILL_SENDER) + count_fill(lint->subject, FILL_SENDER) == 0;
}

/* In the first line that says anything. */
static bool finds_no_greeting(const struct lint *lint, struct str *found)
{
	static const char *const words[] = {"hello",
					    "hi",
					    "dear",
					    "good morning",
					    "good day",
					    "good afternoon",
					    "welcome",
					    "greetings",
					    "guten",
					    "hallo",
					    "liebe",
					    "lieber",
					    "sehr geehrte",
					    "bonjour",
					    "hola",
					    "buenos",
					    "ciao",
					    "buongiorno",
					    "gr\xc3\xbc"
					    "ezi",
					    NULL};
	struct str rest = lint->body, line = STR_NONE, ignored;
	(void)found;
	while (str_next(&rest, '\n', &line) && str_trim(line).len == 0)
		;
	if (count_fill(line, FILL_NAME) > 0)
		return false;
	for (size_t i = 0; words[i] != NULL; i++)
		if (find_word(line, words[i], &ignored))
			return false;
	return true;
}

static bool finds_empty_subject(const struct lint *lint, struct str *found)
{
	(void)found;
	return str_trim(lint->subject).len == 0;
}

static bool finds_long_subject(const struct lint *lint, struct str *found)
{
	(void)found;
	return count_chars(lint->subject) > SUBJECT_MAX_CHARS;
}

static bool finds_short(const struct lint *lint, struct str *found)
{
	(void)found;
	return count_chars(lint->body) < BODY_MIN_CHARS;
}

static bool finds_long(const struct lint *lint, struct str *found)
{
	(void)found;
	return count_chars(lint->body) > BODY_MAX_CHARS;
}

static bool finds_unknown_in(struct str text, enum texts_name name,
			     bool (*allows)(enum texts_name, enum texts_fill), struct str *found)
{
	struct str before, word;
	while (texts_next_fill(&text, &before, &word)) {
		enum texts_fill fill = texts_fill_find(word);
		if (fill != FILL_COUNT && allows(name, fill))
			continue;
		*found = (struct str){word.data - 1, word.len + 2};
		return true;
	}
	return false;
}

static bool finds_unknown(const struct lint *lint, struct str *found)
{
	return finds_unknown_in(lint->body, lint->name, texts_allows, found);
}

static bool finds_unknown_in_subject(const struct lint *lint, struct str *found)
{
	return finds_unknown_in(lint->subject, lint->name, texts_allows_in_subject, found);
}

#define RULE(name, n, f)                                                                           \
	{                                                                                          \
		.id = (n), .find = (f), .detail = TEXT_LINT_##name,                                \
		.advice = TEXT_LINT_##name##_ADVICE                                                \
	}
#define SUBJECT_RULE(name, n, f)                                                                   \
	{                                                                                          \
		.id = (n), .find = (f), .detail = TEXT_LINT_##name,                                \
		.advice = TEXT_LINT_##name##_ADVICE, .is_of_subject = true                         \
	}
static const struct rule rules[] = {
	RULE(NO_LINK, "missing-link", finds_no_link),
	RULE(UNKNOWN, "unknown-placeholder", finds_unknown),
	SUBJECT_RULE(UNKNOWN_SUBJECT, "subject-placeholder", finds_unknown_in_subject),
	SUBJECT_RULE(SUBJECT_EMPTY, "subject-empty", finds_empty_subject),
	SUBJECT_RULE(SUBJECT_LONG, "subject-long", finds_long_subject),
	RULE(NO_ORGANISATION, "missing-organisation", finds_no_organisation),
	RULE(NO_SENDER, "missing-sender", finds_no_sender),
	RULE(NO_GREETING, "missing-greeting", finds_no_greeting),
	RULE(HTML, "html", finds_html),
	RULE(IMAGE, "image", finds_image),
	RULE(FOREIGN_LINK, "foreign-link", finds_foreign_link),
	RULE(MANY_LINKS, "many-links", finds_many_links),
	RULE(SHOUTING, "shouting", finds_shouting),
	RULE(CLICK_HERE, "click-here", finds_click_here),
	RULE(ATTACHMENT, "attachment", finds_attachment),
	RULE(TRACKING, "tracking", finds_tracking),
	RULE(SHORT, "short", finds_short),
	RULE(LONG, "long", finds_long),
};

/* What filters take for advertising or fraud, and what to write instead. */
#define INSTEAD(kind) TEXT_LINT_SPAM_##kind
static const struct {
	const char *phrase;
	enum text_id advice;
} phrases[] = {
	{"act now", INSTEAD(URGENT)},
	{"urgent", INSTEAD(URGENT)},
	{"immediately", INSTEAD(URGENT)},
	{"limited time", INSTEAD(URGENT)},
	{"last chance", INSTEAD(URGENT)},
	{"final notice", INSTEAD(URGENT)},
	{"expires today", INSTEAD(URGENT)},
	{"don't delay", INSTEAD(URGENT)},
	{"once in a lifetime", INSTEAD(URGENT)},
	{"free", INSTEAD(PRICE)},
	{"for free", INSTEAD(PRICE)},
	{"cheap", INSTEAD(PRICE)},
	{"discount", INSTEAD(PRICE)},
	{"special offer", INSTEAD(PRICE)},
	{"best price", INSTEAD(PRICE)},
	{"save up to", INSTEAD(PRICE)},
	{"buy now", INSTEAD(PRICE)},
	{"order now", INSTEAD(PRICE)},
	{"subscribe", INSTEAD(PRICE)},
	{"cash", INSTEAD(MONEY)},
	{"dollars", INSTEAD(MONEY)},
	{"million", INSTEAD(MONEY)},
	{"millions", INSTEAD(MONEY)},
	{"earn money", INSTEAD(MONEY)},
	{"extra income", INSTEAD(MONEY)},
	{"make money", INSTEAD(MONEY)},
	{"work from home", INSTEAD(MONEY)},
	{"investment", INSTEAD(MONEY)},
	{"loan", INSTEAD(MONEY)},
	{"mortgage", INSTEAD(MONEY)},
	{"inheritance", INSTEAD(MONEY)},
	{"bank account", INSTEAD(MONEY)},
	{"credit card", INSTEAD(MONEY)},
	{"wire transfer", INSTEAD(MONEY)},
	{"next of kin", INSTEAD(MONEY)},
	{"winner", INSTEAD(PRIZE)},
	{"you have won", INSTEAD(PRIZE)},
	{"congratulations", INSTEAD(PRIZE)},
	{"lottery", INSTEAD(PRIZE)},
	{"prize", INSTEAD(PRIZE)},
	{"gift card", INSTEAD(PRIZE)},
	{"100%", INSTEAD(PROMISE)},
	{"guaranteed", INSTEAD(PROMISE)},
	{"guarantee", INSTEAD(PROMISE)},
	{"risk-free", INSTEAD(PROMISE)},
	{"no risk", INSTEAD(PROMISE)},
	{"no obligation", INSTEAD(PROMISE)},
	{"money back", INSTEAD(PROMISE)},
	{"satisfaction", INSTEAD(PROMISE)},
	{"amazing", INSTEAD(PROMISE)},
	{"this is not spam", INSTEAD(PROMISE)},
	{"verify your account", INSTEAD(ACCOUNT)},
	{"confirm your account", INSTEAD(ACCOUNT)},
	{"update your account", INSTEAD(ACCOUNT)},
	{"account suspended", INSTEAD(ACCOUNT)},
	{"account will be closed", INSTEAD(ACCOUNT)},
	{"your password to us", INSTEAD(ACCOUNT)},
	{"send us your password", INSTEAD(ACCOUNT)},
	{"social security", INSTEAD(ACCOUNT)},
	{"dear friend", INSTEAD(GREETING)},
	{"dear sir", INSTEAD(GREETING)},
	{"dear madam", INSTEAD(GREETING)},
	{"dear customer", INSTEAD(GREETING)},
	{"dear beloved", INSTEAD(GREETING)},
	{"viagra", INSTEAD(MEDICINE)},
	{"cialis", INSTEAD(MEDICINE)},
	{"weight loss", INSTEAD(MEDICINE)},
	{"lose weight", INSTEAD(MEDICINE)},
	{"online pharmacy", INSTEAD(MEDICINE)},
	{"no prescription", INSTEAD(MEDICINE)},
	{"casino", INSTEAD(PRIZE)},
};
#undef INSTEAD

static void warn(struct lint *lint, const char *id, enum text_id detail, enum text_id advice,
		 struct str found)
{
	struct text_warnings *warnings = lint->warnings;
	struct cx *cx = lint->cx;
	if (warnings->count == TEXT_LINT_MAX)
		return;
	const struct text_arg args[] = {
		TEXT_ARG("found", form_error_quote(cx, found)),
		TEXT_ARG("link", STR("{link}")),
		TEXT_ARG("name", STR("{name}")),
		TEXT_ARG("portal", STR("{portal}")),
		TEXT_ARG("sender", STR("{sender}")),
		TEXT_ARG("until", STR("{until}")),
		TEXT_NUMBER("count", detail == TEXT_LINT_LONG ? BODY_MAX_CHARS : SUBJECT_MAX_CHARS),
	};
	warnings->items[warnings->count++] = (struct text_warning){
		.rule = id,
		.detail = text_fill(cx->arena, cx->language, detail, args,
				    sizeof(args) / sizeof(args[0])),
		.advice = text_fill(cx->arena, cx->language, advice, args,
				    sizeof(args) / sizeof(args[0])),
	};
}

/* One of each kind: the advice is the same. */
static void look_for_phrases(struct lint *lint)
{
	enum text_id last = 0;
	int told = 0;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		struct str found;
		if (told == SPAM_WORDS_TOLD || (told > 0 && phrases[i].advice == last) ||
		    !find_in(lint, phrases[i].phrase, &found))
			continue;
		last = phrases[i].advice;
		told++;
		warn(lint, "spam-words", TEXT_LINT_SPAM, phrases[i].advice, found);
	}
}

void text_lint(struct cx *cx, enum texts_name name, const struct texts_words *words,
	       bool has_subject, struct text_warnings *ret)
{
	struct lint lint = {
		.cx = cx,
		.name = name,
		.has_subject = has_subject,
		.subject = words->subject,
		.body = words->body,
		.warnings = ret,
	};
	ret->count = 0;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct str found = STR_NONE;
		if (rules[i].is_of_subject && !has_subject)
			continue;
		if (rules[i].find(&lint, &found))
			warn(&lint, rules[i].id, rules[i].detail, rules[i].advice, found);
	}
	look_for_phrases(&lint);
}
